"""What the reader cuts out of made-up rows."""

import numpy as np
from PIL import Image

from lessons.cutting import candidates, chosen, in_picture, of_row
from lessons.pens import inked
from lessons.pictures import NOT_A_DIGIT
from lessons.rows import DrawnRow
from tinydigits.reader.page import page_of
from tinydigits.reader.search import sheets_of_page


def two_digits(digits) -> DrawnRow:
    """Two digits far apart on clean paper, and who owns which half."""
    lines = [digits.lines(index) for index in (0, 1)]
    picture = np.full((80, 200), 255, np.uint8)
    for left, drawing in zip((20, 120), lines, strict=True):
        height, width = drawing.shape
        picture[10 : 10 + height, left : left + width] = 255 - np.round(inked(drawing, 2) * 220).astype(np.uint8)
    owner = np.repeat(np.array([1, 2], np.int8), 100)[None].repeat(80, axis=0)
    return DrawnRow(Image.fromarray(picture), owner, (int(digits.labels[0]), int(digits.labels[1])))


def test_digits_that_stand_apart_are_candidates_with_their_own_labels(digits):
    row = two_digits(digits)
    images, answers = of_row(row, np.random.default_rng(0))
    assert len(images) == len(answers)
    assert set(row.digits) <= set(answers.tolist())
    assert NOT_A_DIGIT in answers  # both together


def test_marks_lie_on_the_picture_where_their_ink_is(digits):
    row = two_digits(digits)
    (sheet,) = {id(each): each for each in sheets_of_page(page_of(row.picture, level=True))}.values()
    grey = np.asarray(row.picture)
    for mark in sheet.marks:
        rows, columns = in_picture([mark], sheet)
        assert grey[rows, columns].mean() < 120


def test_others_are_at_most_a_few_for_each_digit():
    images = np.arange(100, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)
    answers = np.where(np.arange(100) < 4, 3, NOT_A_DIGIT)
    answers[50:60] = -1
    kept, told = chosen(images, answers, np.random.default_rng(0))
    assert (told == 3).sum() == 4
    assert (told == NOT_A_DIGIT).sum() == 20
    assert not {*range(50, 60)} & set(kept[:, 0, 0].tolist())


def test_the_same_seed_cuts_the_same_candidates(digits):
    (first, told), (again, told_again) = (candidates(digits, 2, 5) for _ in range(2))
    assert np.array_equal(first, again)
    assert np.array_equal(told, told_again)
