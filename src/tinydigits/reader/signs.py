"""Tells which sign a mark among digits looks like, by its shape and place: . , : - / ( )."""

from collections.abc import Sequence

import numpy as np

from tinydigits.arrays import Int64Array
from tinydigits.reader.pieces import Piece, box_of

# A point or comma is at most so high and wide, in heights of the row's usual digit, and a comma is at least as high.
SMALL, COMMA = 0.4, 0.22
# A point or comma has its middle below this share of the row, from the top.
LOW = 0.65
# The points of a colon are apart by at least this share of the row's usual digit.
APART = 0.1
# A minus is at most so high, at least so many times as wide as high, and its middle is within this part of the row.
FLAT, LONG, CENTRAL = 0.25, 1.8, (0.25, 0.8)
# A slash or bracket is at least so high, and at most so wide for its height.
HIGH, SLIM = 0.8, 0.75
# A slash leans by at least this share of its height to the right; a bracket bends by at least this share.
LEAN, BEND = 0.2, 0.05


def sign_of(marks: Sequence[Piece], top: float, bottom: float) -> str | None:
    """Returns the sign that some pieces together look like; None if they look like none.

    Args:
        top, bottom: where the row's usual digit begins and ends, in pixels.
    """
    rows = np.concatenate([mark.rows for mark in marks])
    columns = np.concatenate([mark.columns for mark in marks])
    tall = bottom - top
    height, width = float(np.ptp(rows) + 1) / tall, float(np.ptp(columns) + 1) / tall
    middle = (float(rows.mean()) - top) / tall
    if width <= SMALL and height <= 1 and is_two_points(rows, tall):
        return ":"
    if height <= SMALL and width <= SMALL and middle >= LOW:
        return "," if height >= COMMA and height > 1.3 * width else "."
    if height <= FLAT and width >= LONG * height and CENTRAL[0] <= middle <= CENTRAL[1]:
        return "-"
    if height >= HIGH and width <= SLIM * height:
        return slim_sign(rows, columns)
    return None


def is_two_points(rows: Int64Array, tall: float) -> bool:
    """Returns whether pixels of these rows are two low marks, one above the other."""
    own = np.unique(rows)
    (gaps,) = np.nonzero(np.diff(own) > APART * tall)
    if len(gaps) != 1:
        return False
    upper, lower = own[: gaps[0] + 1], own[gaps[0] + 1 :]
    return bool(max(np.ptp(upper), np.ptp(lower)) + 1 <= SMALL * tall)


def one_above_the_other(first: Sequence[Piece], second: Sequence[Piece]) -> bool:
    """Returns whether two marks share columns and no row, as the points of a colon do."""
    (top_a, left_a, bottom_a, right_a), (top_b, left_b, bottom_b, right_b) = box_of(first), box_of(second)
    return min(right_a, right_b) > max(left_a, left_b) and (bottom_a <= top_b or bottom_b <= top_a)


def slim_sign(rows: Int64Array, columns: Int64Array) -> str | None:
    """Tells a slash from brackets by where the middle of the stroke lies at its top, middle and bottom."""
    height = np.ptp(rows) + 1
    thirds = ((rows - rows.min()) * 3 // height).astype(int)
    if len(np.unique(thirds)) < 3:  # two specks one above the other
        return None
    top, centre, bottom = (float(columns[thirds == third].mean()) for third in range(3))
    if top - bottom >= LEAN * height:
        return "/"
    bend = (top + bottom) / 2 - centre
    if abs(bend) >= BEND * height:
        return "(" if bend > 0 else ")"
    return None
