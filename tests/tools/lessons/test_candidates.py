"""The answers for candidates that are cut out of a made-up row."""

import numpy as np
import pytest
from PIL import Image

from lessons.candidates import LEFT_OUT, lessons
from lessons.pictures import NOT_A_DIGIT
from lessons.rows import SIGN, DrawnRow


@pytest.fixture
def row() -> DrawnRow:
    """A 7 in the first 100 columns, a 3 in the next 100, and a sign in the last 100, of one pixel's height."""
    owner = np.repeat(np.array([1, 2, SIGN], np.int8), 100)[None]
    return DrawnRow(Image.new("L", (300, 1)), owner, (7, 3))


def answer_for(row, *columns):
    """The answer for a candidate of these columns, beside one that holds all of the row."""
    places = [np.concatenate([np.arange(*each) for each in columns]), np.arange(300)]
    images = np.zeros((2, 28, 28), np.uint8)
    return lessons(images, [(np.zeros(len(each), np.int64), each) for each in places], row)[0]


def test_nearly_all_of_a_digit_and_little_else_is_the_digit(row):
    assert answer_for(row, (6, 100)) == 7
    assert answer_for(row, (95, 200)) == 3


def test_half_a_digit_is_not_a_digit(row):
    assert answer_for(row, (0, 50)) == NOT_A_DIGIT


def test_a_digit_with_much_of_its_neighbour_is_not_a_digit(row):
    assert answer_for(row, (0, 140)) == NOT_A_DIGIT


def test_what_is_neither_whole_nor_clearly_a_part_is_left_out(row):
    assert answer_for(row, (14, 100)) == LEFT_OUT
    assert answer_for(row, (0, 117)) == LEFT_OUT


def test_a_sign_is_not_a_digit(row):
    assert answer_for(row, (200, 300)) == NOT_A_DIGIT


def test_a_stroke_that_joins_two_digits_counts_for_none_and_against_none(row):
    row.owner[:, 90:110] = 0
    assert answer_for(row, (0, 110)) == 7
    assert answer_for(row, (90, 200)) == 3


def test_what_is_mostly_a_joining_stroke_is_not_a_digit(row):
    row.owner[:, 20:100] = 0
    assert answer_for(row, (0, 100)) == NOT_A_DIGIT


def test_a_pixel_that_comes_twice_counts_once(row):
    assert answer_for(row, (0, 100), (0, 50)) == 7


def test_no_candidates_have_no_answers(row):
    assert len(lessons(np.zeros((0, 28, 28), np.uint8), [], row)) == 0


def test_each_image_needs_its_pixels(row):
    with pytest.raises(ValueError, match="2 images and 0 lists"):
        lessons(np.zeros((2, 28, 28), np.uint8), [], row)


def test_nothing_in_a_picture_without_digits_is_a_digit():
    row = DrawnRow(Image.new("L", (300, 1)), np.full((1, 300), SIGN, np.int8), ())
    assert answer_for(row, (0, 100)) == NOT_A_DIGIT
