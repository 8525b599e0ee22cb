"""Asks a net what a normalised image shows: one of ten digits, or no whole digit."""

from dataclasses import dataclass

import numpy as np

from tinydigits.arrays import Float64Array, UInt8Images
from tinydigits.data.dataset import CLASSES
from tinydigits.errors import ImageShapeError, ModelError
from tinydigits.formats.model_file import LoadedModel
from tinydigits.reader.confidence import NotADigit, not_a_digit_from, tempered
from tinydigits.reader.normalise import SIDE

# The answer of a net of eleven classes that stands for "not one whole digit".
NO_DIGIT = CLASSES
# Smaller probabilities are replaced by this, because they are mostly rounding.
LEAST = 1e-7
# How fast a net of ten classes comes to doubt a picture, for each unit of its not-a-digit score beyond the threshold.
STEEPNESS = 4.0


@dataclass(frozen=True, eq=False)
class Recogniser:
    """A net that reads single digits.

    Attributes:
        model: a net of ten classes, the digits, or of eleven, with `NO_DIGIT`.
        not_a_digit: the score that tells whether an image is a digit at all, for nets of ten classes; or None.
    """

    model: LoadedModel
    not_a_digit: NotADigit | None

    def logarithms(self, images: UInt8Images) -> Float64Array:
        """Returns calibrated log-probabilities of the ten digits and of no whole digit.

        Args:
            images: uint8 [n, 28, 28], normalised.

        Returns:
            float64 [n, 11]; the probabilities of each row sum to 1.
        """
        if len(images) == 0:
            return np.zeros((0, CLASSES + 1))
        raw = self.model.predict(images)
        calibrated = tempered(raw, self.model.temperature).astype(np.float64)
        if calibrated.shape[1] == CLASSES:
            none = np.full(len(images), LEAST)
            if self.not_a_digit is not None:
                beyond = self.not_a_digit.scores(images, raw) - self.not_a_digit.threshold
                none = 1 / (1 + np.exp(-np.clip(STEEPNESS * beyond, -15, 15)))
            calibrated = np.column_stack((calibrated * (1 - none[:, None]), none))
        return np.asarray(np.log(np.maximum(calibrated, LEAST)))


def recogniser_of(loaded: LoadedModel) -> Recogniser:
    """Returns what asks a loaded model.

    Raises:
        ModelError: the model has other classes than the ten digits, with or without "not one whole digit".
        ImageShapeError: the model does not take images of 28×28 pixels.
    """
    if loaded.classes not in (CLASSES, CLASSES + 1):
        raise ModelError(
            loaded.name,
            found=f"a net of {loaded.classes} classes",
            expected=f"{CLASSES} classes, the digits 0 to 9, or one more for what is no whole digit",
            fix="Read with a net that was trained on the ten digits.",
        )
    if loaded.input_shape not in ((SIDE, SIDE), (SIDE, SIDE, 1), (SIDE * SIDE,)):
        raise ImageShapeError(
            loaded.name,
            found=f"a net for images of shape {loaded.input_shape}",
            expected=f"({SIDE}, {SIDE})",
            fix="Read with a net that was trained on images of that size.",
        )
    score = None if loaded.rejection is None else not_a_digit_from(loaded.rejection, loaded.name)
    return Recogniser(loaded, score)
