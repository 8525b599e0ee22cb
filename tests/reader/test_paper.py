"""A sheet on a table is found; light that falls off, and pictures without a table, show none."""

import numpy as np
import pytest
from PIL import Image

from tinydigits.reader.paper import without_table

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
