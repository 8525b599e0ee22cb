import numpy as np
import pytest
from tinydigits.reader.layout import Layout
from tinydigits.reader.recognised import Recognised, evidence, weighted_median, without_dirt

from tinydigits.reader.segment import Mark


def row_of(heights, strengths=None, *, digits=None, scores=None, top=100):
    """Marks beside one another, 30 pixels wide, all read with certainty."""
    count = len(heights)
    marks = tuple(
        Mark(top, 50 * index, top + height, 50 * index + 30, frozenset((index + 1,)), 10 * height)
        for index, height in enumerate(heights)
    )
    strengths = np.full(count, 0.5) if strengths is None else np.array(strengths)
    layout = Layout(None, marks, np.zeros((count, 28, 28), np.uint8), strengths, (1000, 1000))
    probabilities = np.eye(10, dtype=np.float32)[[5] * count if digits is None else digits]
    scores = np.ones(count) if scores is None else np.array(scores)
    return layout, Recognised(probabilities, scores, np.ones(count))


def kept(layout, seen):
    return [mark.left // 50 for mark in without_dirt(layout, seen)[0].marks]


def test_digits_of_one_hand_all_stay():
    assert kept(*row_of([60, 45, 80, 60, 70], [0.5, 0.4, 0.7, 0.35, 0.5])) == [0, 1, 2, 3, 4]


def test_specks_go():
    assert kept(*row_of([60, 60, 20, 60])) == [0, 1, 3]


def test_pale_marks_go_only_where_something_else_is_odd_too():
    strengths = [0.5, 0.5, 0.5, 0.5, 0.2, 0.2, 0.2]
    scores = [1, 1, 1, 1, 1, 1, 2]
    assert kept(*row_of([60, 60, 60, 60, 60, 40, 60], strengths, scores=scores)) == [0, 1, 2, 3, 4]


def test_what_is_paler_than_any_pencil_goes():
    assert kept(*row_of([60, 60, 60], [0.1, 0.09, 0.1])) == []


def test_nothing_is_left_of_nothing():
    assert kept(*row_of([])) == []


def test_rows_say_more_of_a_pages_side_than_columns_and_ones_nothing():
    assert evidence(*row_of([60, 60, 60])) > 0
    assert evidence(*row_of([60])) == 0
    assert evidence(*row_of([60, 60, 60], digits=[1, 1, 1])) == 0


@pytest.mark.parametrize(("weights", "median"), [([1, 1, 1], 2), ([1, 1, 5], 9), ([5, 1, 1], 1)])
def test_the_weighted_median_has_half_of_the_weight_on_either_side(weights, median):
    assert weighted_median(np.array([1.0, 2.0, 9.0]), np.array(weights, float)) == median
