"""What of a row is no digit."""

from types import SimpleNamespace

import numpy as np
import pytest

from tinydigits.reader.pieces import Piece
from tinydigits.reader.rest import points_of, reason, usual_extent


def piece(top, left, height, width):
    rows, columns = np.mgrid[top : top + height, left : left + width]
    return Piece(1, rows.ravel(), columns.ravel())


def row(*boxes, chosen=None):
    """A row that reads some of the boxes (top, left, bottom, right) as digits."""
    chosen = range(len(boxes)) if chosen is None else chosen
    lattice = SimpleNamespace(boxes=np.array(boxes).reshape(-1, 4))
    return SimpleNamespace(lattice=lattice, path=SimpleNamespace(chosen=tuple(chosen)))


DIGITS = row((10, 0, 50, 20), (12, 60, 52, 80), (11, 100, 90, 120))


def test_the_usual_extent_is_the_median_of_the_digits_that_are_read():
    assert usual_extent(DIGITS) == (11, 52)
    assert usual_extent(row((10, 0, 50, 20), (0, 60, 99, 80), chosen=[0])) == (10, 50)
    assert usual_extent(row((10, 0, 50, 20), chosen=[])) == (0, 0)


@pytest.mark.parametrize(
    ("speck", "is_point"),
    [
        ((46, 40, 4, 4), True),
        ((46, 40, 3, 4), False),  # thinner than a pen's dot, of 3.5
        ((46, 40, 4, 3), False),
        ((58, 40, 4, 4), True),  # its middle at 60, just above a fifth of 41 below 52
        ((59, 40, 4, 4), False),
        ((9, 40, 4, 4), True),
        ((8, 40, 4, 4), False),
        ((46, 120, 4, 4), False),  # beyond the last digit
        ((46, 117, 4, 4), True),
    ],
)
def test_a_point_is_a_pens_dot_among_the_digits(speck, is_point):
    explanation = SimpleNamespace(specks=[piece(*speck)], sheet=SimpleNamespace(stroke=10))
    assert bool(points_of(DIGITS, explanation)) is is_point
    assert points_of(row((10, 0, 50, 20), chosen=[]), explanation) == []


@pytest.mark.parametrize(
    ("height", "why"),
    [
        (7, "too small beside the others"),
        (8, "too faint"),
        (350, "too faint"),
        (351, "too large beside the others"),
    ],
)
def test_a_mark_that_was_not_looked_at_has_a_reason(height, why):
    assert reason(piece(0, 0, height, 5), 100.0) == why
