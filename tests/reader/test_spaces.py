"""Which gaps are spaces between numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tinydigits.reader.spaces import least_space

GAPS = hnp.arrays(np.float64, st.integers(0, 60), elements=st.floats(-1, 8))


def are_spaces(*gaps):
    gaps = np.array(gaps, np.float64)
    return (gaps > least_space(gaps)).tolist()


def test_without_any_gap_a_space_is_some_two_thirds_of_a_digit_high():
    assert 0.55 < least_space(np.zeros(0)) < 0.8


def test_one_number_written_close_or_wide_has_no_space():
    assert not any(are_spaces(0.05, 0.1, 0.0, 0.12, -0.1, 0.08))
    assert not any(are_spaces(0.5, 0.55, 0.5, 0.6, 0.52, 0.57, 0.5, 0.55))


def test_numbers_of_two_digits_are_parted_though_half_of_all_gaps_are_spaces():
    assert are_spaces(*[0.4, 1.0] * 4, 0.4) == [False, True] * 4 + [False]


def test_digits_that_are_all_as_far_apart_are_one_number():
    assert not any(are_spaces(0.7, 0.8))
    assert not any(are_spaces(1.5, 1.6, 1.4, 1.5))


def test_a_space_much_wider_than_others_hides_none_of_them():
    assert are_spaces(0.2, 0.2, 1.0, 0.2, 0.2, 7.0, 0.2, 0.2) == [False, False, True, False, False, True, False, False]


@given(GAPS)
def test_the_least_space_is_the_same_in_any_order(gaps):
    assert least_space(gaps) == pytest.approx(least_space(gaps[::-1]), abs=0.05)


@given(GAPS)
def test_the_least_space_is_finite_and_of_the_size_of_gaps(gaps):
    assert -1 <= least_space(gaps) <= 12
