"""Signs among digits are told by shape and place; the row's digits reach from 0 to 100."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawn.dresses import drawing
from tinydigits import Reader
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


@pytest.mark.parametrize(("lower", "sign"), [(80, ":"), (32, None), (140, None)])
def test_two_points_one_above_the_other_are_a_colon(lower, sign):
    points = drawn([(6, 20), (12, 20)], [(6, lower), (12, lower)])
    assert sign_of(points, 0, 100) == sign


@pytest.fixture(scope="module")
def reader():
    return Reader()


def with_sign(few_digits, sign):
    """A picture of 30, the sign and 12."""
    left, right = (drawing(few_digits, text, 280) for text in ("30", "12"))
    picture = Image.new("L", (left.width + 110 + right.width, left.height), 255)
    picture.paste(left, (0, 0))
    picture.paste(right, (left.width + 110, 0))
    top, bottom = 30, picture.height - 30
    strokes = {
        ".": [[(0, bottom - 8), (6, bottom - 8)]],
        ",": [[(6, bottom - 14), (0, bottom + 18)]],
        ":": [[(0, y), (6, y)] for y in (top + 30, bottom - 20)],
        "-": [[(-20, picture.height // 2), (20, picture.height // 2)]],
    }
    for stroke in strokes[sign]:
        ImageDraw.Draw(picture).line([(left.width + 55 + x, y) for x, y in stroke], 0, 10)
    return picture


@pytest.mark.parametrize("sign", [".", ",", ":", "-"])
def test_a_sign_among_digits_is_no_digit_and_kept_on_demand(reader, few_digits, sign):
    picture = with_sign(few_digits, sign)
    assert reader.read(picture, signs=True).text.replace(" ", "") == f"30{sign}12"
    plain = reader.read(picture)
    assert plain.text.replace(" ", "") == "3012"
    assert [mark.reason for mark in plain.rejected] == ["a sign"]
