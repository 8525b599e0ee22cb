"""The candidates of a row."""

from types import SimpleNamespace

import numpy as np
import pytest

from tinydigits.reader.lattice import gap_within, lattice_of, touches, width_of
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


def a_sheet(ink):
    return SimpleNamespace(ink=ink, strength=lambda pieces: 1.0, length=lambda pieces: float(len(pieces)))


def test_candidates_are_all_runs_of_a_few_pieces_that_are_not_too_wide():
    pieces = [piece(0, 4, 1), piece(4, 4, 1), piece(10, 3, 2), piece(40, 5, 3)]
    lattice = lattice_of(pieces, a_sheet(np.ones((10, 50), np.float32)), tall=10.0, pen=0.1, most_pieces=3)
    assert lattice.spans.tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3], [3, 4]]
    assert lattice.boxes.tolist()[2] == [0, 0, 10, 13]
    assert lattice.widths.tolist() == [4, 8, 13, 4, 9, 3, 5]
    assert lattice.heights.tolist() == [10] * 7
    assert lattice.cut_ends.tolist() == [1, 0, 0, 1, 1, 0, 0]
    assert lattice.gaps.tolist() == pytest.approx([0, 0, 0.2, 0, 0.2, 0, 0])
    assert lattice.lengths.tolist() == [1] * 4
    assert lattice.images.shape == (7, 28, 28)
    alone = lattice_of(pieces, a_sheet(np.ones((10, 50), np.float32)), tall=10.0, pen=0.1, most_pieces=1)
    assert alone.spans.tolist() == [[0, 1], [1, 2], [2, 3], [3, 4]]
