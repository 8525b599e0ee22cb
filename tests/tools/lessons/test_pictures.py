"""Lessons of digits in other hands, and of marks that are no digit."""

import numpy as np
import pytest

from lessons.negatives import KINDS
from lessons.pictures import negatives, of_kind, positives
from lessons.strokes import any_digit, shortened


def test_the_same_seed_makes_the_same_digits(digits):
    (first, labels), (again, _), (other, _) = (positives(digits, seed, 12) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first[: len(other)], other[: len(first)])
    assert first.shape[1:] == (28, 28)
    assert set(labels.tolist()) <= set(range(10))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_marks_is_made_alike_from_the_same_seed(kind, digits):
    first, again, other = (of_kind(kind, digits, np.random.default_rng(seed), 6, False) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.any(axis=(1, 2)).all()


def test_marks_that_a_net_of_digits_is_sure_of_are_left_out(digits):
    kept = negatives(digits, "piece", 0, 10, lambda images: np.arange(len(images)) / 9 + 0.5)
    assert len(kept) == 5


def test_rulings_are_kept_however_sure_a_net_is(digits):
    assert len(negatives(digits, "ruling", 0, 10, lambda images: np.ones(len(images)))) == 10


def test_held_out_letters_are_set_in_other_fonts(digits):
    own, held_out = (of_kind("letter", digits, np.random.default_rng(0), 8, choice) for choice in (False, True))
    assert not np.array_equal(own, held_out)


def test_asking_for_zeros_draws_zeros(digits):
    assert {any_digit(digits, np.random.default_rng(seed), 1.0)[0] for seed in range(10)} == {0}


def test_a_shortened_digit_keeps_nearly_all_its_ink():
    ink = np.ones((40, 30), np.float32)
    kept = [shortened(ink, np.random.default_rng(seed)).sum() / ink.sum() for seed in range(60)]
    assert min(kept) >= 0.94
    assert min(kept) < 1
    assert ink.all()
