"""The candidates of one row: every run of neighbouring pieces that may be one digit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinydigits.arrays import Float32Array, Float64Array, Int64Array, UInt8Images
from tinydigits.reader.normalise import SIDE, normalise
from tinydigits.reader.pen import at_least
from tinydigits.reader.pieces import Piece, box_of
from tinydigits.reader.sheet import Sheet

# Most pieces of one digit.
MOST_PIECES = 5
# Widest digit of several pieces, in row heights.
WIDEST = 1.5


@dataclass(frozen=True, eq=False)
class Lattice:
    """The candidates of a row.

    Attributes:
        pieces: the row's pieces, from the left.
        spans: int [n, 2], each candidate's first piece and the piece after its last.
        boxes: int [n, 4], top, left, bottom and right in page pixels.
        images: uint8 [n, 28, 28], each candidate normalised.
        cut_ends: int [n], at how many of its two ends a candidate is cut from touching ink.
        tall: the row's height, in page pixels.
        strengths: float64 [n], the contrast of each candidate's full ink.
        gaps: float64 [n], the paper between the marks of each candidate, across, in row heights.
        lengths: float64 [pieces], how long the strokes of each piece are, in typical heights.
    """

    pieces: Sequence[Piece]
    spans: Int64Array
    boxes: Int64Array
    images: UInt8Images
    cut_ends: Int64Array
    tall: float
    strengths: Float64Array
    gaps: Float64Array
    lengths: Float64Array

    @property
    def heights(self) -> Float64Array:
        """The height of each candidate, in pixels."""
        return (self.boxes[:, 2] - self.boxes[:, 0]).astype(np.float64)

    @property
    def widths(self) -> Float64Array:
        """The width of each candidate, in pixels."""
        return (self.boxes[:, 3] - self.boxes[:, 1]).astype(np.float64)


def lattice_of(
    pieces: Sequence[Piece], sheet: Sheet, tall: float, pen: float, *, most_pieces: int = MOST_PIECES
) -> Lattice:
    """Makes all candidates of a row.

    Args:
        pieces: from the left.
        sheet: where they are.
        tall: the row's height, in page pixels.
        pen: strokes are widened to this share of the row's height.
        most_pieces: most pieces of one digit.
    """
    spans = [
        (first, end)
        for first in range(len(pieces))
        for end in range(first + 1, min(len(pieces), first + most_pieces) + 1)
        if end == first + 1 or width_of(pieces[first:end]) <= WIDEST * tall
    ]
    images = np.zeros((len(spans), SIDE, SIDE), np.uint8)
    boxes = np.zeros((len(spans), 4), np.int64)
    for index, (first, end) in enumerate(spans):
        boxes[index], images[index] = candidate(pieces[first:end], sheet.ink, pen * tall)
    strengths = np.array([sheet.strength(pieces[first:end]) for first, end in spans])
    gaps = np.array([gap_within(pieces[first:end]) for first, end in spans]) / tall
    lengths = np.array([sheet.length([piece]) for piece in pieces])
    ends = [touches(pieces, first) + touches(pieces, end) for first, end in spans]
    return Lattice(
        pieces,
        np.array(spans, np.int64).reshape(-1, 2),
        boxes,
        images,
        np.array(ends, np.int64),
        tall,
        strengths,
        gaps,
        lengths,
    )


def width_of(pieces: Sequence[Piece]) -> int:
    _, left, _, right = box_of(pieces)
    return right - left


def gap_within(pieces: Sequence[Piece]) -> float:
    """Returns the columns of paper between some pieces that follow each other from the left."""
    gap, right = 0, pieces[0].right
    for piece in pieces[1:]:
        gap += max(0, piece.left - right)
        right = max(right, piece.right)
    return float(gap)


def touches(pieces: Sequence[Piece], index: int) -> bool:
    """Returns whether a piece is cut from the one before it."""
    return 0 < index < len(pieces) and pieces[index - 1].mark == pieces[index].mark


def candidate(pieces: Sequence[Piece], ink: Float32Array, pen: float) -> tuple[Int64Array, UInt8Images]:
    """Returns the box of some pieces together, and their ink, normalised."""
    rows = np.concatenate([piece.rows for piece in pieces])
    columns = np.concatenate([piece.columns for piece in pieces])
    box = np.array((rows.min(), columns.min(), rows.max() + 1, columns.max() + 1), np.int64)
    own = np.zeros((box[2] - box[0], box[3] - box[1]), np.float32)
    own[rows - box[0], columns - box[1]] = ink[rows, columns]
    return box, normalise(at_least(own, pen))
