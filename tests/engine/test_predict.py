"""Batch prediction by machine code."""

import numpy as np
import pytest

from helpers.networks import dense_network, images_for, odd_network
from tinydigits.engine import predict
from tinydigits.engine.predict import predictor
from tinydigits.errors import DataError, DisagreementError, EmptyDataError, ImageShapeError


@pytest.mark.parametrize("network", [odd_network(), dense_network()])
@pytest.mark.parametrize("count", [1, 16, 500])
def test_probabilities_are_the_networks_own(network, count):
    images = images_for(network, count)
    np.testing.assert_allclose(predictor(network)(images), network.predict(images), atol=1e-5)


def test_more_images_than_a_slice_holds_are_all_answered():
    network = dense_network()
    images = images_for(network, 40_000)
    answers = predictor(network)(images)
    np.testing.assert_array_equal(answers[-7:], predictor(network, threads=1)(images[-7:]))
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("images", "error"),
    [
        (np.zeros((0, 5, 6), np.uint8), EmptyDataError),
        (np.zeros((3, 6, 5), np.uint8), ImageShapeError),
        (np.zeros((3, 5, 6), np.int64), DataError),
    ],
)
def test_images_that_do_not_fit_are_refused(images, error):
    with pytest.raises(error):
        predictor(dense_network())(images)


def test_wrong_answers_are_noticed(monkeypatch):
    monkeypatch.setattr(predict, "pack", lambda slots, arrays: np.zeros(slots[-1].end, np.float32))
    with pytest.raises(DisagreementError):
        predictor(dense_network())
