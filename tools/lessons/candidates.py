"""Answers for what a reader cuts out of a made-up row."""

from collections.abc import Sequence

import numpy as np

from lessons.pictures import NOT_A_DIGIT
from lessons.rows import DrawnRow
from tinydigits.arrays import Int64Array, UInt8Images

# The answer for candidates that are neither a whole digit nor clearly another thing.
LEFT_OUT = -1
# A candidate is a whole digit if it holds at least this share of the digit's pixels …
WHOLE = 0.93
# … and at least this share of its own pixels are the digit's.
PURE = 0.9
# A candidate is no whole digit if it holds less than this share of each digit's pixels …
PART = 0.8
# … or if less than this share of its own pixels are one digit's.
MIXED = 0.78
# Of a candidate, so much may be a stroke that joins two digits, or lie around them: it counts for no digit and against
# none.
NOBODYS = 0.35

# The rows and columns of a candidate's pixels, in pixels of the picture; a pixel may come twice.
Pixels = tuple[Int64Array, Int64Array]


def lessons(images: UInt8Images, pixels: Sequence[Pixels], row: DrawnRow) -> Int64Array:
    """Returns the answer for each candidate: a digit, NOT_A_DIGIT or LEFT_OUT.

    Args:
        images: uint8 [n, 28, 28], the candidates.
        pixels: which of the picture's pixels each candidate holds.
    """
    if len(images) != len(pixels):
        raise ValueError(f"lessons: found {len(images)} images and {len(pixels)} lists of pixels, expected as many")
    if not row.digits:
        return np.full(len(images), NOT_A_DIGIT)
    places = [places_of(each, row) for each in pixels]
    everything = np.unique(np.concatenate(places)) if places else np.zeros(0, np.int64)
    totals = ink_of_digits(everything, row)
    return np.array([answer(ink_of_digits(held, row), counted(held, row), totals, row) for held in places], np.int64)


def places_of(pixels: Pixels, row: DrawnRow) -> Int64Array:
    """Returns the flat indices of pixels, each once."""
    height, width = row.owner.shape
    rows, columns = (np.asarray(axis, np.int64) for axis in pixels)
    return np.unique(np.clip(rows, 0, height - 1) * width + np.clip(columns, 0, width - 1))


def ink_of_digits(places: Int64Array, row: DrawnRow) -> Int64Array:
    """Returns how many of these pixels belong to each digit."""
    owners = row.owner.ravel()[places]
    return np.bincount(owners[owners > 0] - 1, minlength=len(row.digits))


def counted(places: Int64Array, row: DrawnRow) -> int:
    """Returns how many of these pixels count for or against a digit."""
    nobodys = int((row.owner.ravel()[places] == 0).sum())
    return len(places) - min(nobodys, int(NOBODYS * len(places)))


def answer(held: Int64Array, size: int, totals: Int64Array, row: DrawnRow) -> int:
    most = int(held.argmax())
    recall, precision = held[most] / max(1, totals[most]), held[most] / max(1, size)
    if recall >= WHOLE and precision >= PURE:
        return row.digits[most]
    return NOT_A_DIGIT if recall < PART or precision < MIXED else LEFT_OUT
