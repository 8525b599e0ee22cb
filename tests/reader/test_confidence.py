import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinydigits.errors import ModelError
from tinydigits.evaluation.metrics import expected_calibration_error
from tinydigits.formats.model_file import SHIPPED, load
from tinydigits.network.layers import softmax
from tinydigits.reader.calibration import fit_not_a_digit, fit_temperature, with_varied
from tinydigits.reader.confidence import not_a_digit_from, stroke_measures, tempered


@given(st.floats(0.1, 10), st.integers(0, 2**32 - 1))
def test_tempering_is_dividing_logits(temperature, seed):
    logits = np.random.default_rng(seed).normal(0, 3, (5, 10))
    assert np.allclose(tempered(softmax(logits), temperature), softmax(logits / temperature), atol=1e-6)


@pytest.mark.parametrize("true", [0.5, 1.0, 2.5])
def test_the_temperature_that_made_labels_is_found(true):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, (20_000, 10))
    labels = (softmax(logits / true).cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    assert fit_temperature(softmax(logits), labels) == pytest.approx(true, rel=0.03)


def test_the_shipped_nets_temperature_calibrates_its_confidence(whole_mnist):
    model = load("cnn")
    raw = model.predict(whole_mnist.test.images)
    labels = whole_mnist.test.labels
    calibrated = expected_calibration_error(tempered(raw, model.temperature), labels)
    assert calibrated <= 0.005 < expected_calibration_error(raw, labels)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_score_lets_ninety_nine_in_a_hundred_digits_pass(name, whole_mnist):
    model = load(name)
    score = not_a_digit_from(model.rejection, name)
    images = whole_mnist.test.images
    assert np.mean(score.scores(images, model.predict(images)) >= score.threshold) <= 0.01


def test_a_score_fitted_anew_tells_digits_from_noise(whole_mnist):
    predict = load("cnn").predict
    score = fit_not_a_digit(predict, whole_mnist.train[:2000], whole_mnist.validation[:500])
    noise = np.random.default_rng(0).integers(0, 256, (100, 28, 28), np.uint8)
    assert np.mean(score.scores(noise, predict(noise)) >= score.threshold) >= 0.95
    again = not_a_digit_from(score.as_json(), "net")
    images = whole_mnist.test.images[:100]
    assert np.allclose(score.scores(images, predict(images)), again.scores(images, predict(images)), rtol=0.02)


@pytest.mark.parametrize("change", [{"score": "other"}, {"means": [[1, 2]]}, {"threshold": "x"}, {"precision": None}])
def test_a_score_that_cannot_be_used_is_a_typed_error(change):
    stored = dict(load("cnn").rejection)
    not_a_digit_from(stored, "net")
    with pytest.raises(ModelError, match="not-a-digit score"):
        not_a_digit_from({**stored, **change}, "net")


def test_varied_digits_follow_the_digits_and_keep_their_labels(few_digits):
    both = with_varied(few_digits, np.random.default_rng(0))
    assert np.array_equal(both.images[:240], few_digits.images)
    assert np.array_equal(both.labels[240:], few_digits.labels)
    assert not np.array_equal(both.images[240:], few_digits.images)


def test_thicker_strokes_measure_deeper():
    thin, thick = np.zeros((2, 1, 28, 28), np.uint8)
    thin[0, 4:24, 14], thick[0, 4:24, 11:17] = 255, 255
    assert (stroke_measures(thick)[0, -2:] > stroke_measures(thin)[0, -2:]).all()
