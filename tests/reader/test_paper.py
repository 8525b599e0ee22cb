"""A sheet on a table is found; light that falls off, and pictures without a table, show none."""

import numpy as np
import pytest
from PIL import Image

from tinydigits.reader.paper import boxes_of, fall, hull_area, split, without_table

SHAPE = (400, 600)
Y, X = np.mgrid[: SHAPE[0], : SHAPE[1]]


def picture(values):
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def sheet(table):
    """A sheet that lies aslant, with a stroke on it, on a table of some brightness."""
    inside = (Y > 60 + X / 12) & (Y < 330 + X / 20)
    values = np.where(inside, 210.0, table)
    values[180:260, 300:306] = 30
    return values


@pytest.mark.parametrize("table", [20, 90, 150])
def test_the_table_is_painted_over_and_what_is_written_stays(table):
    found = without_table(picture(sheet(table)))
    assert found is not None
    values = np.asarray(found.picture, np.float64)
    assert np.abs(values[180:260, 300:306] - 30).max() < 3
    values[170:270, 290:316] = 210
    assert np.abs(values - 210).max() < 12


def test_the_boxes_of_the_table_lie_where_it_is():
    found = without_table(picture(sheet(60)))
    assert found is not None
    above, below = sorted(found.outside, key=lambda box: box[1])
    assert (above[0], above[1], above[2]) == (0, 0, 600)
    assert abs(above[3] - 110) < 8
    assert below[1] + below[3] == 400


def test_a_coloured_picture_stays_coloured():
    grey = sheet(60)
    found = without_table(Image.fromarray(np.stack((grey, grey, 0.8 * grey), axis=2).astype(np.uint8)))
    assert found is not None
    assert np.asarray(found.picture)[0, 0].tolist() == pytest.approx([210, 210, 168], abs=4)


def test_light_that_falls_off_is_no_table():
    assert without_table(picture(230 - 0.25 * X)) is None


def test_an_even_page_and_a_strip_show_no_table():
    assert without_table(picture(np.full(SHAPE, 200.0))) is None
    assert without_table(picture(sheet(60)[:30])) is None


def test_boxes_are_in_pixels_of_the_picture_and_meet_its_borders():
    outside = np.zeros((4, 6), bool)
    outside[0] = outside[2:, 3:5] = True
    assert boxes_of(outside, (12, 10)) == ((0, 0, 12, 2), (6, 5, 4, 5))
    assert boxes_of(np.zeros((4, 6), bool), (12, 10)) == ()


def test_brightness_falls_at_the_edge_of_a_sheet_and_not_where_there_is_none():
    inside = np.zeros((40, 60), bool)
    inside[10:30, 15:45] = True
    bright = np.where(inside, 200, 50).astype(np.float32)
    assert fall(bright, inside) == pytest.approx(0.75)
    assert fall(bright.max() - bright, inside) < 0  # a dark sheet on a bright table
    assert fall(bright, np.ones_like(inside)) == 0
    assert fall(bright, np.zeros_like(inside)) == 0


def test_the_hull_of_pixels_has_their_area_where_they_have_no_dent():
    mask = np.zeros((20, 30), bool)
    mask[5:15, 4:24] = True
    assert hull_area(mask) == 200
    mask[5:10, 4:14] = False
    assert hull_area(mask) == 175  # the dent of 10 by 5 is closed by a triangle


def test_two_kinds_of_pixels_are_split_between_them():
    values = np.array([10] * 30 + [12] * 10 + [200] * 5 + [205] * 5, np.float32)
    assert 12 < split(values) < 200
