"""Finds the one digit of a picture that is known to show a single digit."""

import numpy as np
from PIL import Image

from tinydigits.arrays import UInt8Images
from tinydigits.reader.ink import is_thumbnail, thumbnail_ink
from tinydigits.reader.normalise import SIDE, normalise
from tinydigits.reader.page import page_of
from tinydigits.reader.reading import Box
from tinydigits.reader.segment import single_mark


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
    return normalise(ink), (left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top)


def digit_image(picture: Image.Image) -> UInt8Images:
    """Returns the one digit of a picture as a normalised image, uint8 [28, 28]; a black one where there is no ink."""
    found = single_digit(picture)
    return np.zeros((SIDE, SIDE), np.uint8) if found is None else found[0]
