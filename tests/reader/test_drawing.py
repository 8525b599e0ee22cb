import numpy as np
import pytest
from PIL import Image

from tinydigits.reader.drawing import FOUND, GAP, LEAST_WIDTH, REFUSED, annotated, label_size
from tinydigits.reader.reading import Digit, Reading, Rejected


def read(*boxes, rejected=()):
    digits = [Digit(7, 0.98, box, np.zeros((28, 28), np.uint8), np.zeros(10, np.float32)) for box in boxes]
    return Reading("7" * len(boxes), tuple(digits), tuple(Rejected(box, 1.0, "not a digit") for box in rejected))


def coloured(picture, colour):
    """(left, top, right, bottom) of all pixels of a colour; None if there are none."""
    wanted = tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
    rows, columns = np.nonzero((np.asarray(picture) == wanted).all(axis=2))
    return (columns.min(), rows.min(), columns.max(), rows.max()) if len(rows) else None


@pytest.mark.parametrize(("width", "scale"), [(1, 320), (100, 4), (160, 2), (319, 2), (320, 1), (321, 1)])
def test_small_pictures_are_enlarged_in_whole_steps_so_that_labels_can_be_read(width, scale):
    drawn = annotated(Image.new("L", (width, 10)), Reading(""))
    assert drawn.size == (width * scale, 10 * scale)
    assert drawn.width >= LEAST_WIDTH


def test_a_box_goes_just_round_its_mark():
    drawn = annotated(Image.new("L", (400, 300)), read(rejected=[(100, 120, 50, 40)]))
    assert drawn.size == (400, 300)
    assert coloured(drawn, REFUSED) == (99, 119, 151, 161)
    assert coloured(drawn, FOUND) is None
    assert np.asarray(drawn)[120:160, 100:150].max() == 0  # the mark itself is left as it is


def test_boxes_are_where_their_marks_came_to_lie_in_an_enlarged_picture():
    drawn = annotated(Image.new("L", (100, 100)), read(rejected=[(10, 20, 5, 6)]))
    assert coloured(drawn, REFUSED) == (39, 79, 61, 105)


@pytest.mark.parametrize(("top", "above", "below"), [(0, True, False), (150, False, False), (260, False, True)])
def test_white_is_added_where_labels_would_not_fit(top, above, below):
    box = (100, top, 30, 40)
    drawn = annotated(Image.new("L", (400, 300)), read(box))
    room = label_size(list(box)) + GAP
    assert drawn.height == 300 + room * above + room * below
    white = np.asarray(drawn.convert("L")) > 250
    assert white[0, 0] == above
    assert white[-1, 0] == below
    left, first, right, last = coloured(drawn, FOUND)
    assert first >= 0
    assert last < drawn.height
    assert (left, right) == (99, 131)  # labels are no wider than their digit


@pytest.mark.parametrize(("width", "height", "size"), [(10, 10, 9), (30, 50, 20), (20, 200, 17), (300, 300, 40)])
def test_a_label_is_as_large_as_fits_beside_its_neighbours(width, height, size):
    assert label_size([0, 0, width, height]) == size
