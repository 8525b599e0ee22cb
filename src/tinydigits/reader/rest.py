"""What of a picture is no digit, with a reason in words, and the signs among it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tinydigits.reader.explanation import SPECK, TALLEST, Explanation, RowReading
from tinydigits.reader.path import left_out
from tinydigits.reader.pieces import Piece, box_of
from tinydigits.reader.reading import Rejected
from tinydigits.reader.sheet import Sheet
from tinydigits.reader.signs import one_above_the_other, sign_of

# A point is at least this share of a stroke wide, and lies at most this share of the usual digit below it.
DOT, BELOW = 0.35, 0.2
# Marks lower than this share of the row's height are too small to be digits.
TOO_SMALL = 0.4


@dataclass(frozen=True)
class Character:
    """A digit or sign of a row's text, and where it begins and ends, in pixels of the sheet."""

    text: str
    left: int
    right: int


def refused(
    row: RowReading, points: Sequence[Piece], sheet: Sheet, size: tuple[int, int]
) -> Iterator[tuple[Rejected, Character | None]]:
    """Yields the ink of a row that no digit explains, and the sign that it looks like.

    Pieces of one mark count together, and so do marks one above the other, such as the points of a colon.

    Args:
        points: specks among the digits.
    """
    runs: list[list[Piece]] = []
    for piece in sorted((*left_out(row.lattice, row.path), *points), key=lambda piece: piece.left + piece.right):
        if runs and (runs[-1][-1].mark == piece.mark or one_above_the_other(runs[-1], [piece])):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    top, bottom = usual_extent(row)
    for run in runs:
        box = box_of(run)
        sign = sign_of(run, top, bottom) if bottom > top else None
        small = box[2] - box[0] < TOO_SMALL * row.lattice.tall
        why = "a sign" if sign else "too small beside the others" if small else "not a digit"
        yield Rejected(sheet.box(run, size), 1.0, why, sign), Character(sign, box[1], box[3]) if sign else None


def points_of(row: RowReading, explanation: Explanation) -> list[Piece]:
    """Returns the specks that may be points, or parts of a colon, among a row's digits: no smaller than a pen's dot."""
    top, bottom = usual_extent(row)
    if bottom <= top:
        return []
    boxes, dot = row.lattice.boxes[list(row.path.chosen)], DOT * explanation.sheet.stroke
    left, right, below = int(boxes[:, 1].min()), int(boxes[:, 3].max()), bottom + BELOW * (bottom - top)
    return [
        mark
        for mark in explanation.specks
        if min(mark.height, mark.width) >= dot
        and top <= mark.middle <= below
        and left < (mark.left + mark.right) / 2 < right
    ]


def usual_extent(row: RowReading) -> tuple[float, float]:
    """Returns the median top and bottom of the row's digits; (0, 0) if it has none."""
    boxes = row.lattice.boxes[list(row.path.chosen)]
    return (float(np.median(boxes[:, 0])), float(np.median(boxes[:, 2]))) if len(boxes) else (0.0, 0.0)


def reason(mark: Piece, typical: float) -> str:
    """Says why a mark was not looked at as a digit."""
    if SPECK * typical <= mark.height <= TALLEST * typical:
        return "too faint"
    return "too small beside the others" if mark.height < typical else "too large beside the others"
