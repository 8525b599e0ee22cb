"""Cuts are proposed where two digits may touch, and bend round strokes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw
from scipy import ndimage

from tinydigits.reader.cuts import cheapest_paths, cuts_of, holes_full


def test_two_rings_that_touch_are_cut_between_them():
    image = Image.new("L", (130, 64))
    for left in (0, 62):
        ImageDraw.Draw(image).ellipse((left, 0, left + 66, 63), outline=255, width=6)
    assert any(np.all(np.abs(cut - 64) <= 6) for cut in cuts_of(np.asarray(image) > 0, 64.0))


@pytest.mark.parametrize("gap", [0, 20], ids=["closed", "with gaps"])
def test_rings_that_overlap_are_cut_where_they_meet_though_their_outline_has_gaps(gap):
    image = Image.new("L", (128, 64))
    for left in (0, 54):
        ImageDraw.Draw(image).arc((left, 0, left + 62, 63), gap / 2, 360 - gap / 2, fill=255, width=6)
    assert any(np.all(np.abs(cut - 58) <= 6) for cut in cuts_of(np.asarray(image) > 0, 64.0))


def test_open_shapes_that_touch_over_half_of_their_height_are_cut_between_them():
    mask = np.zeros((64, 80), np.bool_)
    for bar in (0, 29, 58):  # two combs, back to back
        mask[bar : bar + 6] = True
    mask[:, 30:36] = mask[:, 44:50] = mask[16:48, 36:44] = True
    mask[:16, 36:44] = mask[48:, 36:44] = False
    assert any(np.all((cut >= 36) & (cut <= 44)) for cut in cuts_of(mask, 64.0))


def test_a_narrow_mark_is_not_cut():
    assert cuts_of(np.ones((64, 20), np.bool_), 64.0) == []


def test_a_path_bends_round_a_stroke_that_leans_over():
    mask = np.zeros((60, 60), np.bool_)
    mask[:30, 20:36] = True  # it blocks the straight way down from column 30
    found = cheapest_paths(mask[None], np.array([30]), 12)
    path = found.columns(0, 0)
    assert found.prices[0, 0] < 30  # a straight path would cross 30 pixels of ink
    assert not mask[np.arange(60), path].any()
    assert np.abs(np.diff(path)).max() <= 1


def test_paths_through_several_inks_are_those_of_each_ink():
    rng = np.random.default_rng(0)
    inks, starts = rng.random((3, 40, 50)) < 0.4, np.arange(5, 45, 2)
    together = cheapest_paths(inks, starts, 6)
    for ink in range(3):
        alone = cheapest_paths(inks[ink : ink + 1], starts, 6)
        assert np.array_equal(together.prices[ink], alone.prices[0])
        assert all(np.array_equal(together.columns(ink, each), alone.columns(0, each)) for each in range(len(starts)))


def test_the_price_of_a_path_is_what_it_crosses():
    rng = np.random.default_rng(0)
    mask, starts = rng.random((30, 40)) < 0.5, np.arange(8, 32, 3)
    found = cheapest_paths(mask[None], starts, 5)
    for index, start in enumerate(starts.tolist()):
        path = found.columns(0, index)
        pixels = np.where(mask[np.arange(30), path], 1.0, 0.03) + 0.004 * np.abs(path - start)
        sideways = 0.4 * pixels[1:][np.diff(path) != 0].sum()
        assert found.prices[0, index] == pytest.approx(pixels.sum() + sideways)
        assert np.abs(path - start).max() <= 5


@given(arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_holes_are_filled_as_scipy_does(mask):
    assert np.array_equal(holes_full(mask), ndimage.binary_fill_holes(mask))
