"""The candidates of a row."""

import numpy as np
import pytest

from tinydigits.reader.lattice import gap_within, touches, width_of
from tinydigits.reader.pieces import Piece


def piece(left, width, mark=1):
    rows, columns = np.mgrid[0:10, left : left + width]
    return Piece(mark, rows.ravel(), columns.ravel())


@pytest.mark.parametrize(
    ("places", "gap", "width"),
    [
        ([(0, 10)], 0, 10),
        ([(0, 10), (13, 5)], 3, 18),
        ([(0, 10), (5, 5)], 0, 10),
        ([(0, 20), (5, 5), (22, 4), (30, 1)], 6, 31),
        ([(0, 10), (10, 5)], 0, 15),
    ],
)
def test_paper_between_pieces_counts_once_and_overlap_is_no_paper(places, gap, width):
    pieces = [piece(*place) for place in places]
    assert (gap_within(pieces), width_of(pieces)) == (gap, width)


def test_a_cut_is_between_two_pieces_of_one_mark():
    pieces = [piece(0, 5, 1), piece(5, 5, 1), piece(20, 5, 2)]
    assert [touches(pieces, index) for index in range(4)] == [False, True, False, False]
