"""Evaluates any function that turns images into probabilities."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tinydigits.arrays import Float32Array, Int64Array, Predict
from tinydigits.data.dataset import Dataset
from tinydigits.errors import ModelError
from tinydigits.evaluation.metrics import accuracy, accuracy_interval, confusion_matrix, expected_calibration_error

__all__ = ["Predict", "Report", "evaluate"]

# Number of images per call of `predict`. It keeps a back end busy and takes little memory.
BATCH = 1000
# Largest difference between 1 and the sum of a row of probabilities. float32 and int8 back ends round.
SUM_TOLERANCE = 0.02


@dataclass(frozen=True, eq=False)
class Report:
    """The result of one `predict` on one data set.

    Attributes:
        accuracy: fraction, 0 to 1.
        interval: 95 % confidence interval of the accuracy.
        ece: expected calibration error, 0 to 1.
        confusion: counts [classes, classes], rows true, columns predicted.
        probabilities: float32 [n, classes], in the data set's order.
    """

    images: int
    accuracy: float
    interval: tuple[float, float]
    ece: float
    confusion: Int64Array
    probabilities: Float32Array

    def as_json(self) -> dict[str, Any]:
        return {
            "images": self.images,
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "ece": self.ece,
            "confusion": self.confusion.tolist(),
        }


def evaluate(predict: Predict, dataset: Dataset) -> Report:
    """Evaluates `predict` on `dataset`.

    Args:
        predict: takes uint8 [n, height, width] and returns probabilities, float32 [n, 10].

    Raises:
        ModelError: `predict` does not return one row of ten probabilities for each image.
    """
    parts = [predict(dataset.images[start : start + BATCH]) for start in range(0, len(dataset), BATCH)]
    probabilities = np.concatenate(parts)
    check_probabilities(probabilities, len(dataset))
    fraction = accuracy(probabilities, dataset.labels)
    return Report(
        images=len(dataset),
        accuracy=fraction,
        interval=accuracy_interval(fraction, len(dataset)),
        ece=expected_calibration_error(probabilities, dataset.labels),
        confusion=confusion_matrix(probabilities, dataset.labels),
        probabilities=probabilities,
    )


def check_probabilities(probabilities: Float32Array, images: int) -> None:
    """Raises ModelError unless there is one row of ten probabilities for each image."""
    if probabilities.shape != (images, 10):
        raise ModelError(
            "predict",
            found=f"an array of shape {list(probabilities.shape)}",
            expected=f"[{images}, 10], one probability per digit",
            fix="End the model in a softmax layer of 10 units.",
        )
    if not np.isfinite(probabilities).all():
        raise ModelError(
            "predict",
            found="probabilities that are not numbers",
            expected="finite values",
            fix="The model's weights are broken: train it again.",
        )
    if probabilities.min() < 0 or np.abs(probabilities.sum(axis=1) - 1).max() > SUM_TOLERANCE:
        raise ModelError(
            "predict",
            found=f"values from {probabilities.min():.4g} to {probabilities.max():.4g}",
            expected="probabilities: 0 to 1, each row with sum 1",
            fix="Return the output of a softmax, not logits or their logarithm.",
        )
