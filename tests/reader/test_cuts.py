"""Cuts are proposed where two digits may touch, and bend round strokes."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tinydigits.reader.cuts import cheapest_paths, cuts_of


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
    prices, paths = cheapest_paths(mask, np.array([30]), 12)
    assert prices[0] < 30  # a straight path would cross 30 pixels of ink
    assert not mask[np.arange(60), paths[0]].any()
    assert np.abs(np.diff(paths[0])).max() <= 1
