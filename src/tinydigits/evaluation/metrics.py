"""Metrics: compare probabilities with labels. All are pure functions of arrays."""

from collections.abc import Sequence
from math import sqrt
from statistics import mean, stdev
from typing import Any

import numpy as np

from tinydigits.arrays import AnyFloats, Int64Array

# The 97.5 % point of the normal distribution: 95 % lie between it and its negative.
NORMAL_95 = 1.959963984540054
# Keras' own limit of probabilities in a cross-entropy.
LEAST_PROBABILITY = 1e-7


def accuracy(probabilities: AnyFloats, labels: Int64Array) -> float:
    """Returns the fraction, 0 to 1, of rows [n, classes] whose largest probability is that of `labels` [n]."""
    return float(np.mean(probabilities.argmax(axis=1) == labels))


def accuracy_interval(accuracy: float, images: int) -> tuple[float, float]:
    """Returns the 95 % confidence interval of an accuracy measured on `images` images.

    This is Wilson's score interval (Wilson 1927, "Probable inference, the law of succession, and statistical
    inference"). It stays between 0 and 1 and is correct near 1, where the accuracy of digit readers lies.
    """
    z2 = NORMAL_95**2
    centre = accuracy + z2 / (2 * images)
    spread = NORMAL_95 * sqrt(accuracy * (1 - accuracy) / images + z2 / (4 * images**2))
    scale = 1 + z2 / images
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def confusion_matrix(probabilities: AnyFloats, labels: Int64Array) -> Int64Array:
    """Returns counts [classes, classes]: rows are true classes, columns are predicted classes."""
    classes = probabilities.shape[1]
    pairs = labels * classes + probabilities.argmax(axis=1)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def expected_calibration_error(probabilities: AnyFloats, labels: Int64Array, *, bins: int = 15) -> float:
    """Returns the mean distance between confidence and accuracy, 0 to 1, over `bins` equally wide bins of confidence.

    Guo et al. 2017, "On calibration of modern neural networks", equation 3, with its 15 bins.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    correct = probabilities.argmax(axis=1) == labels
    bin_of = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gaps = np.bincount(bin_of, weights=confidence - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


def log_loss(probabilities: AnyFloats, labels: Int64Array) -> float:
    """Returns the mean cross-entropy, in nats, of probabilities [n, classes] and `labels` [n]; 0 is perfect.

    Probabilities below 1e-7 count as that, as in Keras, so that one hopeless image does not make it infinite.
    """
    given = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(given, LEAST_PROBABILITY)).mean())


def worst_mistakes(probabilities: AnyFloats, labels: Int64Array, count: int) -> Int64Array:
    """Returns the positions of at most `count` wrong answers, the most confident first."""
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    confidence = probabilities[wrong].max(axis=1)
    return wrong[np.argsort(-confidence, kind="stable")][:count]


def auroc(negatives: AnyFloats, positives: AnyFloats) -> float:
    """Returns the probability that a positive's score [p] is higher than a negative's [n]; ties count half.

    This is the area under the receiver operating characteristic, computed as the Mann-Whitney statistic (Hanley and
    McNeil 1982).
    """
    ordered = np.sort(negatives)
    below = np.searchsorted(ordered, positives, side="left")
    not_above = np.searchsorted(ordered, positives, side="right")
    return float((below + not_above).mean() / (2 * len(negatives)))


def summary(accuracies: Sequence[float | None]) -> dict[str, Any]:
    """Mean, sample standard deviation, range and number of test accuracies; None without test images."""
    known = [accuracy for accuracy in accuracies if accuracy is not None]
    if not known:
        return {"mean": None, "sd": None, "min": None, "max": None, "n": 0}
    return {
        "mean": mean(known),
        "sd": stdev(known) if len(known) > 1 else None,
        "min": min(known),
        "max": max(known),
        "n": len(known),
    }
