"""Finds models that were given pixels of the wrong range: where nothing in a model tells it, its answers do."""

import numpy as np

from tinydigits.arrays import Predict
from tinydigits.data.dataset import Dataset
from tinydigits.formats.keras_pixels import Pixels, other_pixels
from tinydigits.formats.model_file import LoadedModel

# Number of images that are scored with pixels of both ranges.
FEW = 200
# Least share of images that must be answered better with the other range, so that it is worth a note.
GAIN = 0.1
# Least number of such images.
FEWEST_GAINED = 5


def note_on_pixels(loaded: LoadedModel, digits: Dataset) -> str | None:
    """Returns a note if a model answers far better with pixels of the other range; None if its range is known."""
    if loaded.predict_otherwise is None:
        return None
    return pixels_note(loaded.name, loaded.pixels, loaded.predict, loaded.predict_otherwise, digits)


def pixels_note(name: str, pixels: Pixels, predict: Predict, predict_otherwise: Predict, digits: Dataset) -> str | None:
    """Returns a note if `predict_otherwise` answers a few of the digits far better than `predict`.

    Args:
        pixels: the range of the pixels that `predict` gives the model; the other one gives it the other range.
    """
    few = few_of(digits)
    right, better = (
        int((each(few.images).argmax(axis=1) == few.labels).sum()) for each in (predict, predict_otherwise)
    )
    if better - right < max(GAIN * len(few), FEWEST_GAINED):
        return None
    other = other_pixels(pixels)
    return (
        f"`{name}` reads {right} of {len(few)} digits right with pixels of {pixels}, and {better} with pixels of "
        f'{other}: --pixels {other} (pixels="{other}") answers it.'
    )


def few_of(digits: Dataset) -> Dataset:
    """Returns digits at equal distances: those of a folder are sorted by class."""
    return digits[np.linspace(0, len(digits) - 1, min(FEW, len(digits))).astype(np.int64)]
