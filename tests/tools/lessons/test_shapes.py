"""Digits of hands that MNIST lacks are drawn as what they are labelled."""

import numpy as np
import pytest

from lessons import shapes
from lessons.pens import bones_of, inked
from lessons.pictures import normal
from lessons.strokes import HEIGHT, OWN, any_digit
from tinydigits.formats.model_file import READER, load
from tinydigits.reader.recogniser import recogniser_of

PEN = 2.0


@pytest.mark.parametrize(("label", "shape", "share"), shapes.DIGITS, ids=lambda part: getattr(part, "__name__", ""))
def test_the_shipped_net_reads_most_drawings_of_a_hand_as_the_digit_that_they_are(label, shape, share):
    rng = np.random.default_rng(7)
    images = np.stack([normal(inked(bones_of(shape(rng), HEIGHT), PEN)) for _ in range(60)])
    answers = recogniser_of(load(READER)).logarithms(images)[:, :10].argmax(axis=1)
    assert np.mean(answers == label) > 0.5
    assert 0 < share < 1


def test_shares_of_hands_are_all_of_the_digits_that_are_drawn_from_lines():
    assert sum(share for *_, share in shapes.DIGITS) == pytest.approx(1)


def test_more_ones_and_fours_are_drawn_than_mnist_has(digits):
    rng = np.random.default_rng(8)
    labels = [any_digit(digits, rng)[0] for _ in range(600)]
    drawn_ones = OWN * sum(share for label, _, share in shapes.DIGITS if label == 1)
    assert np.mean(np.array(labels) == 1) == pytest.approx(
        drawn_ones + (1 - OWN) * np.mean(digits.labels == 1), abs=0.06
    )
