"""Lines along the sides of a picture go, digits that touch the sides stay."""

import numpy as np
import pytest

from tinydigits.reader.page import label_page
from tinydigits.reader.removed import is_ruled, without_cut_off, without_rulings, without_sides


def page(mask):
    return label_page(mask.astype(np.float32), 0.5, np.eye(2, 3))


def cell(*sides):
    """A bar in the middle of 100×100 pixels that touches the lower side, and lines 3 pixels thick along some sides."""
    mask = np.zeros((100, 100), bool)
    mask[30:, 47:53] = True
    for side in sides:
        np.rot90(mask, side)[:3] = True
    return mask


def what_stays(mask):
    found = without_sides(page(mask))
    return mask if found is None else found[0].labels > 0


def test_a_ruled_line_goes_and_the_digit_that_touches_another_side_stays():
    assert np.array_equal(what_stays(cell(0)), cell())


def test_a_digit_that_touches_a_side_is_no_line():
    assert np.array_equal(what_stays(cell()), cell())


def test_the_wavy_bar_of_a_tight_seven_stays():
    mask = np.zeros((100, 80), bool)
    for column in range(80):
        top = round(4 + 3 * np.sin(column / 12))
        mask[top : top + 7, column] = True
    mask[60:, 30:37] = True  # the stem, apart, touches another side
    assert np.array_equal(what_stays(mask), mask)


def test_a_frame_with_a_corner_goes_though_other_ink_touches_a_side():
    kept = what_stays(cell(0, 1))
    assert not kept[:3].any()
    assert kept[40:80, 47:53].all()


@pytest.mark.parametrize(
    ("slope", "bent", "ruled"), [(0, 0, True), (0.04, 0, True), (0.1, 0, False), (0, 4, False)], ids=str
)
def test_a_ruled_line_is_level_and_straight(slope, bent, ruled):
    along = np.arange(200)
    across = np.round(5 + slope * along + bent * np.sin(along / 15)).astype(np.int64)
    assert is_ruled(along, across, 200) is ruled


def test_a_line_that_ends_early_is_not_ruled():
    assert not is_ruled(np.arange(150), np.zeros(150, np.int64), 200)


def test_marks_that_the_sides_cut_off_go_if_others_stay():
    mask = cell()
    assert without_cut_off(page(mask)) is None
    mask[40:60, 10:16] = True
    kept = without_cut_off(page(mask))
    assert kept is not None
    assert kept.labels[50, 12] > 0
    assert kept.labels[50, 50] == 0


def test_a_digit_paler_than_half_of_its_frame_is_found_once_the_frame_is_gone():
    contrast = np.where(cell(0, 1), 1, 0).astype(np.float32)
    contrast[30:, 47:53] = 0.3  # a pencil beside a printed line
    found = without_sides(label_page(contrast, 0.6, np.eye(2, 3)))
    assert found is not None
    assert len(found[0].marks) == 1


def test_a_ruled_line_across_the_page_goes_and_a_page_without_one_is_none():
    rows, columns = np.mgrid[:200, :300]
    ring = np.abs(np.hypot(rows - 60, columns - 150) - 30) < 3
    assert without_rulings(page(ring)) is None
    ruled = ring.copy()
    ruled[140:142] = True
    found, count = without_rulings(page(ruled))
    assert count == 600
    assert np.array_equal(found.labels > 0, ring)
