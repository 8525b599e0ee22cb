"""What a net answers becomes log-probabilities of ten digits and of no whole digit."""

from dataclasses import replace

import numpy as np
import pytest

from tinydigits.errors import ImageShapeError
from tinydigits.formats import model_file
from tinydigits.reader.recogniser import LEAST, NO_DIGIT, Recogniser, recogniser_of


@pytest.mark.parametrize("name", ["cnn", "pocket", "reader"])
def test_the_probabilities_of_an_image_sum_to_one(name, few_digits):
    logarithms = recogniser_of(model_file.load(name)).logarithms(few_digits.images)
    assert logarithms.shape == (len(few_digits.images), 11)
    assert np.allclose(np.exp(logarithms).sum(axis=1), 1, atol=1e-4)
    assert np.mean(logarithms[:, :NO_DIGIT].argmax(axis=1) == few_digits.labels) > 0.9


def test_no_image_gives_no_answer():
    assert recogniser_of(model_file.load("pocket")).logarithms(np.zeros((0, 28, 28), np.uint8)).shape == (0, 11)


def test_the_readers_net_keeps_to_the_budget_and_knows_what_is_no_digit():
    loaded = model_file.load("reader")
    assert loaded.parameters == 9_997
    bars = np.zeros((2, 28, 28), np.uint8)
    bars[0, 12:15, 4:24] = 255  # a dash
    bars[1, 4:24, 4:24] = 255  # a block
    assert (recogniser_of(loaded).logarithms(bars).argmax(axis=1) == NO_DIGIT).all()


def test_a_net_of_ten_answers_without_a_score_never_doubts_that_it_is_a_digit(few_digits):
    without = Recogniser(model_file.load("pocket"), None)
    assert np.allclose(without.logarithms(few_digits.images)[:, NO_DIGIT], np.log(LEAST))


def test_a_net_of_ten_answers_with_a_score_doubts_what_is_no_digit(few_digits):
    loaded = model_file.load("pocket")
    noise = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)
    assert (recogniser_of(loaded).logarithms(noise).argmax(axis=1) == NO_DIGIT).all()
    assert np.mean(recogniser_of(loaded).logarithms(few_digits.images).argmax(axis=1) == NO_DIGIT) < 0.1


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1), (784,)])
def test_nets_for_images_of_28_pixels_are_taken_in_any_form(shape):
    assert recogniser_of(replace(model_file.load("pocket"), input_shape=shape))


@pytest.mark.parametrize("shape", [(32, 32), (28, 28, 3), (1,)])
def test_nets_for_other_images_are_refused(shape):
    with pytest.raises(ImageShapeError):
        recogniser_of(replace(model_file.load("pocket"), input_shape=shape))
