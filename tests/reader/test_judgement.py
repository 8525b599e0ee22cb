"""Whether a reading is of digits at all."""

from types import SimpleNamespace

import numpy as np
import pytest

from tinydigits.reader.explanation import RowReading
from tinydigits.reader.judgement import Weights, is_crease, margin, measures
from tinydigits.reader.path import Path


def explanation(*digits, unread=0.0):
    """One row of digits, each (digit, probability, ends cut) and one stroke long, and of a piece of unread ink."""
    logarithms = np.full((len(digits), 11), 1e-7)
    for row, (digit, probability, _) in zip(logarithms, digits, strict=True):
        row[digit], row[10] = probability, 1 - probability
    lengths = np.array([1.0] * len(digits) + [unread])
    lattice = SimpleNamespace(
        spans=np.array([(index, index + 1) for index in range(len(digits))]).reshape(-1, 2),
        cut_ends=np.array([cut for *_, cut in digits]),
        lengths=lengths,
    )
    return SimpleNamespace(rows=[RowReading(lattice, np.log(logarithms), Path(tuple(range(len(digits))), 0.0))])


def test_a_sure_digit_is_one():
    assert margin(explanation((7, 0.99, 0)), Weights()) > 0


def test_two_bars_cut_out_of_a_letter_are_no_ones():
    assert margin(explanation((1, 0.8, 1), (1, 0.8, 1)), Weights()) < 0


def test_the_same_bars_beside_a_sure_digit_are_ones():
    assert margin(explanation((1, 0.8, 1), (1, 0.8, 1), (4, 0.99, 0)), Weights()) > 0


def test_a_doubtful_digit_among_much_unread_ink_is_none():
    assert margin(explanation((3, 0.75, 1)), Weights()) > margin(explanation((3, 0.75, 1), unread=1.5), Weights())
    assert margin(explanation((3, 0.75, 1), unread=1.5), Weights()) < 0


def test_measures_are_means_over_all_digits():
    odds, unread, sure, bars = measures(explanation((1, 0.9, 1), (2, 0.9, 0), unread=2.0))
    assert odds == pytest.approx(np.log(9))
    assert (unread, sure, bars) == (0.5, 0, 0.5)


def test_odds_beyond_what_a_net_knows_count_no_more():
    assert measures(explanation((2, 1 - 1e-6, 0)))[0] == 6


def test_a_reading_without_digits_has_nothing_to_judge():
    assert not measures(explanation(unread=1.0)).any()


def bar(digit, strength, box=(20, 10, 80, 15)):
    """One digit of a picture of 100×60 pixels; `box` is (top, left, bottom, right)."""
    lattice = SimpleNamespace(strengths=np.array([strength]), boxes=np.array([box]))
    row = SimpleNamespace(lattice=lattice, path=Path((0,), 0.0))
    return SimpleNamespace(rows=[row], only_ones=digit == 1, sheet=SimpleNamespace(ink=np.zeros((100, 60))))


def test_faint_bars_alone_are_a_crease():
    assert is_crease(bar(1, 0.15))
    assert not is_crease(bar(1, 0.22))
    assert not is_crease(bar(7, 0.15))


def test_a_pale_bar_across_the_picture_is_a_crease():
    assert is_crease(bar(1, 0.4, (0, 10, 98, 30)))
    assert not is_crease(bar(1, 0.5, (0, 10, 98, 30)))
    assert not is_crease(bar(7, 0.4, (0, 10, 98, 30)))


def test_a_pale_one_that_was_cropped_to_its_ink_is_no_crease():
    assert not is_crease(bar(1, 0.4, (0, 0, 100, 60)))
