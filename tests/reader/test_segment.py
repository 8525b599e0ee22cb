"""Marks of a picture: connected ink, with the parts of one digit joined."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinydigits.reader.segment import (
    Mark,
    belong_together,
    components,
    digit_marks,
    gap,
    join_parts,
    single_mark,
    typical_height,
    union,
    weighted_median,
)


def mark(top, left, height, width, label=1, area=None):
    return Mark(top, left, top + height, left + width, frozenset((label,)), height * width if area is None else area)


def boxes(marks):
    return sorted((one.top, one.left, one.height, one.width) for one in marks)


def test_a_mark_knows_its_size_and_its_middle():
    one = mark(10, 20, 30, 5)
    assert (one.height, one.width, one.centre) == (30, 5, (25, 22.5))


@pytest.mark.parametrize(
    ("box", "touches"),
    [((0, 5, 3, 3), True), ((5, 0, 3, 3), True), ((17, 5, 3, 3), True), ((5, 27, 3, 3), True), ((1, 1, 18, 28), False)],
)
def test_a_mark_touches_the_border_on_any_side(box, touches):
    assert mark(*box).touches_border((20, 30)) is touches


@pytest.mark.parametrize(
    ("one", "other", "apart"), [((0, 5), (8, 9), 3), ((8, 9), (0, 5), 3), ((0, 5), (5, 9), 0), ((0, 5), (2, 4), -2)]
)
def test_the_gap_of_intervals_is_negative_where_they_overlap(one, other, apart):
    assert gap(*one, *other) == apart


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 9)), min_size=1, max_size=9))
def test_the_weighted_median_is_the_lower_median_of_values_repeated_by_their_weight(pairs):
    values, weights = (np.array(each, float) for each in zip(*pairs, strict=True))
    repeated = sorted(value for value, weight in pairs for _ in range(weight))
    assert weighted_median(values, weights) == repeated[(len(repeated) - 1) // 2]


def test_many_specks_count_little_in_the_typical_height():
    specks = [mark(0, 0, 2, 2)] * 50
    assert typical_height([*specks, mark(0, 0, 40, 20), mark(0, 0, 44, 20)]) == 40


def test_faint_ink_counts_where_it_connects_to_certain_ink_and_small_marks_never():
    mask = np.zeros((30, 40), bool)
    mask[2:12, 3:5] = mask[2:12, 20] = mask[20:26, 3] = True
    mask[12, 5] = True  # touches the first mark at a corner
    certain = np.zeros_like(mask)
    certain[2:9, 3] = certain[20:26, 3] = True
    certain[2:8, 20] = True  # six certain pixels are too few
    labels, marks = components(mask, certain)
    assert boxes(marks) == [(2, 3, 11, 3)]
    assert marks[0].area == 21
    assert (labels == next(iter(marks[0].labels))).sum() == 21
    assert labels.max() == 3


def test_a_part_joins_the_nearest_mark_that_it_fits_above_or_below():
    body, bar = mark(20, 10, 30, 20, 1), mark(12, 12, 4, 20, 2)
    far = mark(20, 60, 30, 20, 3)
    joined = join_parts([body, bar, far], 30.0)
    assert boxes(joined) == [(12, 10, 38, 22), (20, 60, 30, 20)]
    assert {one.labels for one in joined} == {frozenset((1, 2)), frozenset((3,))}
    assert sum(one.area for one in joined) == sum(one.area for one in (body, bar, far))


def test_two_high_marks_are_two_digits_however_close_they_are():
    assert len(join_parts([mark(0, 0, 30, 20, 1), mark(31, 0, 30, 20, 2)], 30.0)) == 2


@pytest.mark.parametrize(
    ("part", "together"),
    [
        ((18, 0, 5, 20), True),  # 7 pixels above, of 30
        ((17, 0, 5, 20), False),
        ((22, 11, 4, 20), True),  # 9 of 20 columns shared
        ((22, 12, 4, 20), False),
        ((17, 0, 13, 20), True),  # 43 pixels high together
        ((16, 0, 14, 20), False),
    ],
)
def test_parts_of_a_digit_are_close_above_one_another_and_not_too_high_together(part, together):
    body = mark(30, 0, 30, 20)
    assert belong_together(body, mark(*part), 30.0) is together
    assert belong_together(mark(*part), body, 30.0) is together


def test_specks_and_shadows_are_no_digits():
    digit, speck, shadow = mark(100, 100, 40, 25), mark(100, 300, 12, 12), mark(0, 400, 260, 8)
    assert boxes(digit_marks([digit, digit, speck, shadow])) == boxes([digit, digit])
    assert digit_marks([]) == []


def test_marks_together_have_the_box_of_all():
    one = union([mark(5, 6, 7, 8, 1), mark(1, 10, 2, 20, 2)])
    assert (one.top, one.left, one.bottom, one.right) == (1, 6, 12, 30)
    assert (one.labels, one.area) == (frozenset((1, 2)), 56 + 40)


def picture(*placed):
    """Labels [60, 60] and the marks, of boxes (top, left, height, width)."""
    labels = np.zeros((60, 60), np.int32)
    for number, (top, left, height, width) in enumerate(placed, 1):
        labels[top : top + height, left : left + width] = number
    return labels, [mark(*box, number) for number, box in enumerate(placed, 1)]


def test_the_digit_of_a_picture_is_the_mark_with_most_ink_in_its_middle():
    labels, marks = picture((20, 25, 20, 10), (0, 0, 60, 10), (1, 12, 10, 47))
    assert boxes([single_mark(marks, labels)]) == [(20, 25, 20, 10)]
    assert single_mark([], labels) is None


def test_marks_close_to_the_digit_belong_to_it_unless_they_are_specks_or_touch_the_border():
    labels, marks = picture((20, 25, 20, 10), (15, 25, 2, 10), (20, 38, 3, 3), (55, 25, 5, 10), (20, 18, 8, 4))
    found = single_mark(marks, labels)
    assert found.labels == frozenset((1, 2, 5))
