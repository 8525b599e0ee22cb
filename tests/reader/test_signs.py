"""Signs among digits are told by shape and place; the row's digits reach from 0 to 100."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tinydigits.reader.pieces import marks_of
from tinydigits.reader.signs import sign_of


def drawn(*lines, width=8):
    image = Image.new("L", (160, 160))
    for line in lines:
        ImageDraw.Draw(image).line([(x + 20, y + 20) for x, y in line], 255, width)
    return [type(mark)(mark.mark, mark.rows - 20, mark.columns - 20) for mark in marks_of(np.asarray(image) > 127)]


@pytest.mark.parametrize(
    ("sign", "line"),
    [
        (".", [(0, 92), (6, 92)]),
        (",", [(6, 84), (2, 112)]),
        ("-", [(0, 50), (40, 50)]),
        ("/", [(45, 0), (0, 105)]),
        ("(", [(22, -5), (10, 20), (6, 50), (10, 80), (22, 105)]),
        (")", [(6, -5), (18, 20), (22, 50), (18, 80), (6, 105)]),
        (None, [(10, 0), (10, 100)]),
        (None, [(0, 0), (60, 0), (60, 100), (0, 100), (0, 0)]),
    ],
)
def test_a_sign_is_told_by_its_shape(sign, line):
    assert sign_of(drawn(line), 0, 100) == sign
