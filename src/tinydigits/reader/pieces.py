"""Cuts the ink of a page into pieces: the smallest parts of which digits are made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinydigits.arrays import Int64Array, Mask
from tinydigits.reader.cuts import cuts_of

# Structuring element: pixels that touch at a side or a corner are connected.
EIGHT_NEIGHBOURS = np.ones((3, 3), np.int64)


@dataclass(frozen=True, eq=False)
class Piece:
    """Ink that belongs to one digit, or to none.

    Attributes:
        mark: number of the connected mark that it is cut from; pieces of one mark touch.
        rows, columns: int [n], its pixels on the page.
    """

    mark: int
    rows: Int64Array
    columns: Int64Array

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """Top, left, bottom and right; the last two are exclusive."""
        rows, columns = self.rows, self.columns
        return int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1

    @property
    def top(self) -> int:
        return self.box[0]

    @property
    def bottom(self) -> int:
        return self.box[2]

    @property
    def left(self) -> int:
        return self.box[1]

    @property
    def right(self) -> int:
        return self.box[3]

    @property
    def height(self) -> int:
        return self.box[2] - self.box[0]

    @property
    def width(self) -> int:
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        """Half-way between top and bottom."""
        return (self.box[0] + self.box[2]) / 2


def box_of(pieces: Sequence[Piece]) -> tuple[int, int, int, int]:
    """Returns top, left, bottom and right of some pieces together; the last two are exclusive."""
    tops, lefts, bottoms, rights = zip(*(piece.box for piece in pieces), strict=True)
    return min(tops), min(lefts), max(bottoms), max(rights)


def mask_of(pieces: Sequence[Piece]) -> Mask:
    """Returns the pixels of some pieces: bool [height, width] of their box."""
    top, left, bottom, right = box_of(pieces)
    mask = np.zeros((bottom - top, right - left), np.bool_)
    for piece in pieces:
        mask[piece.rows - top, piece.columns - left] = True
    return mask


def marks_of(mask: Mask) -> list[Piece]:
    """Returns each connected mark of a mask as one piece."""
    labels, _ = ndimage.label(mask, EIGHT_NEIGHBOURS)
    return list(labelled(labels, range(1, labels.max() + 1)))


def labelled(labels: NDArray[np.int32], numbers: range) -> Iterator[Piece]:
    """Yields the pixels of each label as a piece."""
    for number, box in zip(numbers, ndimage.find_objects(labels), strict=True):
        rows, columns = np.nonzero(labels[box] == number)
        yield Piece(number, rows + box[0].start, columns + box[1].start)


def cut_up(mark: Piece, tall: float) -> list[Piece]:
    """Cuts a mark where two digits may touch; returns its pieces from the left.

    Args:
        tall: the height of the mark's row, in pixels.
    """
    top, left = mark.top, mark.left
    cuts = cuts_of(mask_of([mark]), tall)
    if not cuts:
        return [mark]
    # The number of cuts to the left of a pixel tells its piece.
    part = np.zeros(len(mark.rows), np.int64)
    for cut in cuts:
        part += mark.columns - left >= cut[mark.rows - top]
    return [
        Piece(mark.mark, mark.rows[own], mark.columns[own])
        for own in (part == number for number in range(len(cuts) + 1))
        if own.any()
    ]
