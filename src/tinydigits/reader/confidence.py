"""How sure a model is of a digit, and whether it is one at all.

Confidence is the softmax of logits over a temperature (Guo et al. 2017, "On calibration of modern neural networks",
section 4.2), which changes no answer. Whether a picture shows a digit at all is another question, which confidence
answers badly: a net that only knows digits is often sure of a sleeve. It is answered by how far the picture lies from
the digits that the net would call the same: a Mahalanobis distance with one covariance for all classes (Lee et al.
2018, "A simple unified framework for detecting out-of-distribution samples"), over a few measures of its strokes and
the net's own log-probabilities. `calibration` fits both; a model's file keeps them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinydigits.arrays import AnyFloats, Float32Array, Float64Array, Mask, UInt8Images
from tinydigits.data.dataset import CLASSES
from tinydigits.errors import ModelError

SCORE = "mahalanobis"
# Smaller probabilities are told apart by rounding alone.
LEAST_PROBABILITY = 1e-7


@dataclass(frozen=True, eq=False)
class NotADigit:
    """How unlike a digit a picture is.

    Attributes:
        means: float [classes, measures], of the digits that the net was trained on.
        precision: float [measures, measures], the inverse of their covariance about those means.
        threshold: the score from which a picture is taken for no digit.
    """

    means: AnyFloats
    precision: AnyFloats
    threshold: float

    def scores(self, images: UInt8Images, probabilities: AnyFloats) -> Float64Array:
        """Root mean square deviation, in standard deviations, of each image from its class; 1 is typical.

        Args:
            images: uint8 [n, 28, 28], normalised.
            probabilities: float [n, classes], the net's own, untempered.
        """
        offsets = measures(images, probabilities) - self.means[probabilities.argmax(axis=1)]
        squares = np.einsum("ni,ij,nj->n", offsets, self.precision, offsets)
        return np.asarray(np.sqrt(np.maximum(squares, 0) / offsets.shape[1]))

    def as_json(self) -> dict[str, Any]:
        return {
            "score": SCORE,
            "threshold": self.threshold,
            "means": [[short(value) for value in row] for row in self.means],
            # Symmetric, so that half of it says all.
            "precision": [[short(value) for value in row[: end + 1]] for end, row in enumerate(self.precision)],
        }


def short(value: float) -> float:
    """Four digits are plenty, and keep model files small."""
    return float(f"{value:.4g}")


def not_a_digit_from(stored: Mapping[str, Any], name: str) -> NotADigit:
    """What `NotADigit.as_json` gave, read back.

    Raises:
        ModelError: it is not that.
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
    """Probabilities [n, classes] as they would be with logits divided by `temperature`."""
    if temperature == 1:
        return np.asarray(probabilities, np.float32)
    powers = np.maximum(probabilities, np.finfo(np.float32).tiny) ** (1 / temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def measures(images: UInt8Images, probabilities: AnyFloats) -> Float64Array:
    """What the score is made of: float64 [n, 8 + classes], strokes first, then log-probabilities."""
    logarithms = np.log(np.maximum(probabilities, LEAST_PROBABILITY))
    return np.column_stack((stroke_measures(images), logarithms))


def stroke_measures(images: UInt8Images) -> Float64Array:
    """Ink, its edge, height and width; in black and white: ink, edge, how much lies deep in a stroke, twice: [n, 8]."""
    grey = images / np.float64(255)
    black = images > 127
    ink = np.maximum(black.sum(axis=(1, 2)), 1)
    height, width = (black.any(axis=axis).sum(axis=1) for axis in (2, 1))
    deep = [core(black, reach).sum(axis=(1, 2)) / ink for reach in (1, 2)]
    return np.column_stack((grey.sum(axis=(1, 2)), edge(grey), height, width, ink, edge(black * 1.0), *deep))


def edge(images: AnyFloats) -> Float64Array:
    """The sum [n] of all steps between neighbouring pixels."""
    return np.asarray(sum(np.abs(np.diff(images, axis=axis)).sum(axis=(1, 2)) for axis in (1, 2)), np.float64)


def core(black: Mask, reach: int) -> Mask:
    """Where a pixel is black and so are the four at `reach` from it: strokes that are thicker than that."""
    size = black.shape[1]
    middle, before, after = slice(reach, size - reach), slice(size - 2 * reach), slice(2 * reach, size)
    windows = ((middle, middle), (middle, before), (middle, after), (before, middle), (after, middle))
    return np.asarray(np.logical_and.reduce([black[:, rows, columns] for rows, columns in windows]))
