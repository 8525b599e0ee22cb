"""Calibrated confidence, and a score that shows whether a picture is a digit at all.

Confidence is the softmax of the logits divided by a temperature (Guo et al. 2017, "On calibration of modern neural
networks", section 4.2). The temperature never changes which digit is read.

Confidence does not show whether a picture is a digit: a net that knows only digits is often sure of a sleeve. The
not-a-digit score shows it. It is the distance between the picture and the training digits of the class that the net
reads: a Mahalanobis distance with one covariance for all classes (Lee et al. 2018, "A simple unified framework for
detecting out-of-distribution samples"). It compares a few measures of the strokes and the net's log-probabilities.

`calibration` fits temperature and score; the file of a model stores them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinydigits.arrays import AnyFloats, Float32Array, Float64Array, Mask, UInt8Images
from tinydigits.data.dataset import CLASSES
from tinydigits.errors import ModelError

# Name of the score in model files.
SCORE = "mahalanobis"
# Smaller probabilities are replaced by this, because they are mostly rounding.
LEAST_PROBABILITY = 1e-7


@dataclass(frozen=True, eq=False)
class NotADigit:
    """The not-a-digit score of a model.

    Attributes:
        means: float [classes, measures], the mean measures of the training digits of each class.
        precision: float [measures, measures], the inverse covariance of the measures about these means.
        threshold: the score from which a picture is rejected as no digit.
    """

    means: AnyFloats
    precision: AnyFloats
    threshold: float

    def scores(self, images: UInt8Images, probabilities: AnyFloats) -> Float64Array:
        """Returns float64 [n]: the root mean square deviation of each image from its class, in standard deviations.

        A typical digit has a score of about 1.

        Args:
            images: uint8 [n, 28, 28], normalised.
            probabilities: float [n, classes], the net's output before the temperature is applied.
        """
        offsets = measures(images, probabilities) - self.means[probabilities.argmax(axis=1)]
        squares = np.einsum("ni,ij,nj->n", offsets, self.precision, offsets)
        return np.asarray(np.sqrt(np.maximum(squares, 0) / offsets.shape[1]))

    def as_json(self) -> dict[str, Any]:
        return {
            "score": SCORE,
            "threshold": self.threshold,
            "means": [[short(value) for value in row] for row in self.means],
            # The matrix is symmetric, so its lower half is enough.
            "precision": [[short(value) for value in row[: end + 1]] for end, row in enumerate(self.precision)],
        }


def short(value: float) -> float:
    """Rounds to four significant digits, which keeps model files small."""
    return float(f"{value:.4g}")


def not_a_digit_from(stored: Mapping[str, Any], name: str) -> NotADigit:
    """Reads the score back from what `NotADigit.as_json` returned.

    Raises:
        ModelError: `stored` does not hold such a score.
    """
    try:
        means = np.array(stored["means"], np.float64)
        size = means.shape[1]
        lower = np.array([[*row, *[0.0] * (size - len(row))] for row in stored["precision"]], np.float64)
        precision = lower + np.tril(lower, -1).T
        if stored["score"] != SCORE or means.shape[0] != CLASSES or precision.shape != (size, size):
            raise ValueError("another kind of score")
        return NotADigit(means, precision, float(stored["threshold"]))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ModelError(
            name,
            found=f"a not-a-digit score that cannot be used ({error})",
            expected=f"`{SCORE}` with its means, precision and threshold",
            fix="Calibrate the model anew with this version of tinydigits.",
        ) from error


def tempered(probabilities: AnyFloats, temperature: float) -> Float32Array:
    """Returns the probabilities [n, classes] that logits divided by `temperature` would give."""
    if temperature == 1:
        return np.asarray(probabilities, np.float32)
    powers = np.maximum(probabilities, np.finfo(np.float32).tiny) ** (1 / temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def measures(images: UInt8Images, probabilities: AnyFloats) -> Float64Array:
    """Returns what the score compares, float64 [n, 8 + classes]: stroke measures, then log-probabilities."""
    logarithms = np.log(np.maximum(probabilities, LEAST_PROBABILITY))
    return np.column_stack((stroke_measures(images), logarithms))


def stroke_measures(images: UInt8Images) -> Float64Array:
    """Returns eight measures of strokes, float64 [n, 8].

    In grey: total ink, length of edges, height and width. In black and white: ink, length of edges, and the shares of
    ink at least 1 and 2 pixels inside a stroke.
    """
    grey = images / np.float64(255)
    black = images > 127
    ink = np.maximum(black.sum(axis=(1, 2)), 1)
    height, width = (black.any(axis=axis).sum(axis=1) for axis in (2, 1))
    deep = [core(black, reach).sum(axis=(1, 2)) / ink for reach in (1, 2)]
    return np.column_stack((grey.sum(axis=(1, 2)), edge(grey), height, width, ink, edge(black * 1.0), *deep))


def edge(images: AnyFloats) -> Float64Array:
    """Returns the length of edges, [n]: the sum of absolute differences between neighbouring pixels."""
    return np.asarray(sum(np.abs(np.diff(images, axis=axis)).sum(axis=(1, 2)) for axis in (1, 2)), np.float64)


def core(black: Mask, reach: int) -> Mask:
    """Returns where a pixel and the four pixels at distance `reach` from it are all black."""
    size = black.shape[1]
    middle, before, after = slice(reach, size - reach), slice(size - 2 * reach), slice(2 * reach, size)
    windows = ((middle, middle), (middle, before), (middle, after), (before, middle), (after, middle))
    return np.asarray(np.logical_and.reduce([black[:, rows, columns] for rows, columns in windows]))
