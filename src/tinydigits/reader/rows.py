"""Puts the marks of a level page into rows."""

from collections.abc import Sequence

import numpy as np

from tinydigits.reader.pieces import Piece

# Rows are begun by marks of at least this share of the typical height, then by those of the second share: the halves of
# a broken digit must not begin rows of their own beside it.
ROW_HEIGHTS = (0.75, 0.5)
# A lower mark joins a row within this distance above or below it, in typical heights.
BESIDE_ROW = 0.35
# So many of a row's last marks show where it goes on.
LAST = 2


def rows_of(marks: Sequence[Piece], typical: float) -> list[list[Piece]]:
    """Returns the marks of each row: rows from the top, marks from the left.

    Args:
        typical: the height of a typical digit, in pixels.
    """
    rows: list[list[Piece]] = []
    left = list(marks)
    for share in ROW_HEIGHTS:
        high = [mark for mark in left if mark.height >= share * typical]
        left = [mark for mark in left if mark.height < share * typical]
        rows += begun([mark for mark in high if not joined(rows, mark, typical)])
    rows += [[mark] for mark in left if not joined(rows, mark, typical)]
    ordered = [sorted(row, key=lambda mark: mark.left + mark.right) for row in rows]
    return sorted(ordered, key=lambda row: float(np.mean([mark.middle for mark in row])))


def begun(marks: Sequence[Piece]) -> list[list[Piece]]:
    """Returns new rows of high marks: each follows the row that ends beside it."""
    rows: list[list[Piece]] = []
    for mark in sorted(marks, key=lambda each: each.left):
        beside = [row for row in rows if any(are_beside(last, mark) for last in row[-LAST:])]
        if beside:
            min(beside, key=lambda row: abs(row[-1].middle - mark.middle)).append(mark)
        else:
            rows.append([mark])
    return rows


def joined(rows: Sequence[list[Piece]], mark: Piece, typical: float) -> bool:
    """Puts a mark into the nearest row if it is near enough; returns whether it is."""
    nearest = min(rows, key=lambda row: distance(row, mark), default=None)
    if nearest is None or distance(nearest, mark) > BESIDE_ROW * typical:
        return False
    nearest.append(mark)
    return True


def are_beside(one: Piece, other: Piece) -> bool:
    """Returns whether the middle of one mark lies between the top and bottom of the other."""
    return one.top < other.middle < one.bottom or other.top < one.middle < other.bottom


def distance(row: Sequence[Piece], mark: Piece) -> float:
    """Returns how far above or below a row a mark lies: from the row's high mark that is nearest along the row."""
    nearest = min(row, key=lambda each: max(each.left - mark.right, mark.left - each.right))
    apart = max(nearest.left - mark.right, mark.left - nearest.right)
    return max(nearest.top - mark.middle, mark.middle - nearest.bottom, 0.0) + max(0, apart - 3 * nearest.height)
