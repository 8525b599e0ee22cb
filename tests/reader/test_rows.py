"""Marks are put into rows; low marks join the row that they are nearest to."""

import numpy as np
import pytest

from tinydigits.reader.pieces import Piece
from tinydigits.reader.rows import rows_of


def mark(top, left, height, width):
    rows, columns = np.mgrid[top : top + height, left : left + width]
    return Piece(1, rows.ravel(), columns.ravel())


def test_two_rows_are_told_apart_and_come_from_the_top():
    low, high = [mark(100, x, 40, 20) for x in (0, 40)], [mark(0, x, 40, 20) for x in (50, 5)]
    rows = rows_of([*low, *high], 40)
    assert rows == [[high[1], high[0]], low]


def test_the_bar_above_a_five_and_a_comma_below_belong_to_the_row():
    body, bar, comma = mark(10, 0, 40, 20), mark(0, 2, 4, 24), mark(48, 30, 8, 4)
    assert rows_of([comma, bar, body], 40) == [[body, bar, comma]]


def test_a_low_mark_far_from_every_row_is_a_row_of_its_own():
    digit, speck = mark(0, 0, 40, 20), mark(150, 0, 5, 5)
    assert rows_of([speck, digit], 40) == [[digit], [speck]]


def test_the_halves_of_a_broken_digit_begin_no_rows():
    whole = [mark(0, x, 64, 30) for x in (0, 40, 120)]
    upper, lower = mark(0, 80, 34, 30), mark(36, 80, 34, 30)
    assert rows_of([*whole, upper, lower], 64) == [[*whole[:2], upper, lower, whole[2]]]


def test_a_row_that_slopes_is_one_row():
    sloping = [mark(12 * number, 50 * number, 64, 30) for number in range(10)]
    below = [mark(100 + 12 * number, 50 * number, 64, 30) for number in range(10)]
    assert rows_of([*below, *sloping], 64) == [sloping, below]


@pytest.mark.parametrize(("apart", "joins"), [(100, True), (130, True), (150, False), (400, False)])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_low_mark_joins_a_row_up_to_three_heights_beside_it(apart, joins, side):
    digit = mark(0, 1000, 40, 20)
    dash = mark(18, 1020 + apart if side > 0 else 1000 - apart - 8, 4, 8)
    assert len(rows_of([digit, dash], 40)) == (1 if joins else 2)
