"""Finds the one digit of a picture that is known to show a single digit."""

import numpy as np
from PIL import Image

from tinydigits.arrays import Float32Array, UInt8Images
from tinydigits.reader.blocks import own_pixels
from tinydigits.reader.ink import is_thumbnail, thumbnail_ink
from tinydigits.reader.normalise import BOX, SIDE, cut_to_ink, normalise
from tinydigits.reader.page import page_of
from tinydigits.reader.panels import without_panels
from tinydigits.reader.reading import Box
from tinydigits.reader.segment import single_mark

# Digits of a few pixels are enlarged so many times before they are normalised; fainter ink is then the filter's own.
SMOOTHED, FAINTEST = 4, 0.03


def single_digit(picture: Image.Image) -> tuple[UInt8Images, Box] | None:
    """Returns the digit, normalised, and its box; None if there is no ink. The picture has mode L or RGB."""
    if is_thumbnail(picture):
        return thumbnail_digit(picture)
    page = page_of(picture, level=False)
    mark = single_mark(page.marks, page.labels)
    if mark is None:
        return None
    return normalise(page.strokes(mark)), page.box(mark, picture.size)


def thumbnail_digit(picture: Image.Image) -> tuple[UInt8Images, Box] | None:
    """Takes all ink of a thumbnail for one digit."""
    ink = thumbnail_ink(picture)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if len(rows) == 0:
        return None
    left, top = int(columns[0]), int(rows[0])
    return normalise(smooth(cut_to_ink(ink))), (left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top)


def smooth(tight: Float32Array) -> Float32Array:
    """Enlarges the ink of a digit that is lower and narrower than a normalised one.

    `normalise` repeats its pixels, which makes corners that no pen draws. Of scikit-learn's 8×8 digits, 40 % were read,
    with this 85 % (LOG.md).
    """
    if max(tight.shape) >= BOX:
        return tight
    padded = Image.fromarray(np.pad(tight, 1))
    large = padded.resize((SMOOTHED * padded.width, SMOOTHED * padded.height), Image.Resampling.BICUBIC)
    ink = np.clip(np.asarray(large, np.float32), 0, 1)
    ink[ink < FAINTEST] = 0
    return ink


def digit_image(picture: Image.Image) -> UInt8Images:
    """Returns the one digit of a picture as a normalised image, uint8 [28, 28]; a black one where there is no ink."""
    found = single_digit(without_panels(own_pixels(picture)[0]))
    return np.zeros((SIDE, SIDE), np.uint8) if found is None else found[0]
