"""Marks are connected ink; cutting them up loses no pixel and doubles none."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tinydigits.reader.pieces import Piece, box_of, cut_up, marks_of, mask_of


def test_pixels_that_touch_at_a_corner_are_one_mark():
    mask = np.zeros((4, 4), np.bool_)
    mask[0, 0] = mask[1, 1] = mask[3, 3] = True
    assert sorted(len(mark.rows) for mark in marks_of(mask)) == [1, 2]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.2, 0.8))
def test_the_pieces_of_a_mark_hold_each_pixel_once(seed, share):
    mask = np.random.default_rng(seed).random((30, 70)) < share
    for mark in marks_of(mask):
        pieces = cut_up(mark, 30.0)
        pixels = [pixel for piece in pieces for pixel in zip(piece.rows, piece.columns, strict=True)]
        assert len(pixels) == len(set(pixels))
        assert set(pixels) == set(zip(mark.rows, mark.columns, strict=True))
        assert {piece.mark for piece in pieces} == {mark.mark}


def test_a_piece_knows_its_box_and_its_middle():
    rows, columns = np.mgrid[10:40, 5:12]
    one, other = Piece(1, rows.ravel(), columns.ravel()), Piece(1, np.array([50]), np.array([2]))
    assert (one.top, one.left, one.bottom, one.right) == (10, 5, 40, 12)
    assert (one.height, one.width, one.middle) == (30, 7, 25)
    assert box_of([one, other]) == (10, 2, 51, 12)
    mask = mask_of([one, other])
    assert mask.shape == (41, 10)
    assert mask.sum() == 30 * 7 + 1
    assert mask[40, 0]
    assert mask[:30, 3:].all()
