"""Lessons seen in a few pixels."""

import numpy as np
import pytest

from lessons.coarse import coarse, coarse_copies


@pytest.fixture
def digit(few_digits):
    return few_digits.images[0]


def test_a_coarse_copy_is_a_normalised_image_of_the_same_mark(digit):
    rng = np.random.default_rng(0)
    for _ in range(20):
        image = coarse(digit, rng)
        assert image.shape == (28, 28)
        assert image.dtype == np.uint8
        assert image.max() == 255
        likeness = np.corrcoef(image.ravel(), digit.ravel())[0, 1]
        assert 0.5 < likeness < 1


def test_a_share_of_the_lessons_is_copied_with_its_answers(few_digits):
    images, answers = coarse_copies(few_digits.images[:40], few_digits.labels[:40], 0.25, 1)
    again, _ = coarse_copies(few_digits.images[:40], few_digits.labels[:40], 0.25, 1)
    assert len(images) == len(answers) == 10
    assert np.array_equal(images, again)
    assert np.bincount(answers, minlength=10).max() <= np.bincount(few_digits.labels[:40]).max()


def test_a_speck_stays_as_it_is_where_nothing_of_it_would_be_left():
    speck = np.zeros((28, 28), np.uint8)
    speck[4:24, 14] = 40
    rng = np.random.default_rng(0)
    assert all(coarse(speck, rng).any() for _ in range(20))
