"""What is fitted to a net, and to which digits; `test_confidence` judges what comes of it."""

import numpy as np
import pytest
from scipy import ndimage

from tinydigits.data.dataset import Dataset
from tinydigits.errors import DataError, ImageShapeError
from tinydigits.formats.model_file import load
from tinydigits.reader.calibration import calibration_of, fit_temperature, some_of, thicker, thinner

CROSS = ndimage.generate_binary_structure(2, 1)
IMAGE = np.random.default_rng(0).random((28, 28), np.float32)


def test_strokes_grow_by_a_cross_and_shrink_by_pairs_as_scipy_has_it():
    assert np.array_equal(thicker(IMAGE), ndimage.maximum_filter(IMAGE, footprint=CROSS))
    pairs = [ndimage.minimum_filter(IMAGE, size=size) for size in ((1, 2), (2, 1))]
    assert np.array_equal(thinner(IMAGE), np.maximum(*pairs))


def test_answers_that_are_all_right_leave_the_temperature_alone():
    probabilities = np.full((3, 10), 0.05)
    probabilities[:, 4] = 0.55
    assert fit_temperature(probabilities, np.array([4, 4, 4])) == 1
    assert fit_temperature(probabilities, np.array([4, 4, 3])) != 1


def test_few_digits_hold_every_class_even_where_they_are_sorted(whole_mnist):
    digits = whole_mnist.train[:2000]
    in_order = digits[np.argsort(digits.labels)]
    assert np.array_equal(some_of(digits, 500).labels, digits.labels[:500])
    assert set(some_of(in_order, 500).labels) == set(range(10))
    assert len(some_of(in_order, 500)) == 500


def test_an_axis_of_one_channel_changes_nothing(whole_mnist):
    train, validation = whole_mnist.train[:1000], whole_mnist.validation[:200]
    with_axis = [Dataset(each.images[..., None], each.labels) for each in (train, validation)]
    plain, other = (
        calibration_of(load("cnn").predict, train, validation),
        calibration_of(load("cnn").predict, *with_axis),
    )
    assert plain.temperature == other.temperature
    assert plain.not_a_digit.as_json() == other.not_a_digit.as_json()


def test_digits_that_nothing_can_be_fitted_to_are_refused_in_words(whole_mnist):
    predict, train, validation = load("cnn").predict, whole_mnist.train[:1000], whole_mnist.validation[:200]
    small = Dataset(train.images[:, :20, :20], train.labels)
    with pytest.raises(ImageShapeError, match="images of 20 × 20; expected 28 × 28"):
        calibration_of(predict, small, validation)
    with pytest.raises(DataError, match="19 digits for validation; expected at least 20"):
        calibration_of(predict, train, validation[:19])
    with pytest.raises(DataError, match="0 training images of the digit 7; expected at least 10"):
        calibration_of(predict, train[np.flatnonzero(train.labels != 7)], validation)
