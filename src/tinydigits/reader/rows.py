"""Puts the marks of a level page into rows."""

from collections.abc import Sequence

import numpy as np

from tinydigits.reader.pieces import Piece

# Marks of at least this share of the typical height begin rows; lower ones join the nearest row.
ROW_HEIGHT = 0.5
# A lower mark joins a row within this distance above or below it, in typical heights.
BESIDE_ROW = 0.35


def rows_of(marks: Sequence[Piece], typical: float) -> list[list[Piece]]:
    """Returns the marks of each row: rows from the top, marks from the left.

    Args:
        typical: the height of a typical digit, in pixels.
    """
    rows: list[list[Piece]] = []
    for mark in sorted((mark for mark in marks if mark.height >= ROW_HEIGHT * typical), key=lambda each: each.left):
        beside = [row for row in rows if are_beside(row[-1], mark)]
        if beside:
            min(beside, key=lambda row: abs(row[-1].middle - mark.middle)).append(mark)
        else:
            rows.append([mark])
    for mark in (mark for mark in marks if mark.height < ROW_HEIGHT * typical):
        nearest = min(rows, key=lambda row: distance(row, mark), default=None)
        if nearest is not None and distance(nearest, mark) <= BESIDE_ROW * typical:
            nearest.append(mark)
        else:
            rows.append([mark])
    ordered = [sorted(row, key=lambda mark: mark.left + mark.right) for row in rows]
    return sorted(ordered, key=lambda row: float(np.mean([mark.middle for mark in row])))


def are_beside(one: Piece, other: Piece) -> bool:
    """Returns whether the middle of one mark lies between the top and bottom of the other."""
    return one.top < other.middle < one.bottom or other.top < one.middle < other.bottom


def distance(row: Sequence[Piece], mark: Piece) -> float:
    """Returns how far above or below a row a mark lies: from the row's high mark that is nearest along the row."""
    nearest = min(row, key=lambda each: max(each.left - mark.right, mark.left - each.right))
    apart = max(nearest.left - mark.right, mark.left - nearest.right)
    return max(nearest.top - mark.middle, mark.middle - nearest.bottom, 0.0) + max(0, apart - 3 * nearest.height)
