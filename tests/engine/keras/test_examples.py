"""What does not fit the model is refused before anything is compiled."""

import numpy as np
import pytest

from helpers.native import fit
from helpers.networks import dense_network
from tinydigits.engine.compiler import build
from tinydigits.engine.keras.examples import distributions, examples
from tinydigits.engine.runtime.job import Examples
from tinydigits.errors import (
    DataError,
    EmptyDataError,
    ImageShapeError,
    LabelError,
    RecipeError,
    UnequalCountsError,
    UnsupportedError,
)

NETWORK = dense_network()  # 5×6 pixels, 10 classes
IMAGES = np.zeros((4, 5, 6), np.uint8)
TARGETS = np.eye(10, dtype=np.float32)[:4]
LABELS = np.array([0, 9, 3, 3])
NOT_A_NUMBER = np.full((4, 10), np.nan)


@pytest.mark.parametrize(
    ("x", "y", "sparse", "error"),
    [
        (IMAGES[:0], TARGETS[:0], False, EmptyDataError),
        (IMAGES, TARGETS[:3], False, UnequalCountsError),
        (np.zeros((4, 6, 5), np.uint8), TARGETS, False, ImageShapeError),
        (IMAGES, TARGETS[:, :9], False, LabelError),
        (IMAGES, LABELS, False, LabelError),
        (IMAGES, NOT_A_NUMBER, False, DataError),
        (IMAGES, LABELS + 1, True, LabelError),
        (IMAGES, LABELS - 1, True, LabelError),
        (IMAGES, LABELS + 0.5, True, LabelError),
        (IMAGES, TARGETS, True, LabelError),
        (IMAGES.astype(np.int64), TARGETS, False, UnsupportedError),
        (IMAGES.tolist(), TARGETS, False, UnsupportedError),
        (IMAGES, None, False, UnsupportedError),
    ],
)
def test_arrays_that_do_not_fit_are_refused(x, y, sparse, error):
    with pytest.raises(error, match="some images"):
        examples((x, y), NETWORK, sparse=sparse, name="some images")


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_sample_weights_are_one_number_an_image(shape):
    weights = np.arange(4.0).reshape(shape)
    given = examples((IMAGES, TARGETS, weights), NETWORK, sparse=False, name="some images")
    np.testing.assert_array_equal(given.weights, np.arange(4, dtype=np.float32))


def test_other_sample_weights_are_not_native():
    with pytest.raises(UnsupportedError, match="sample weights of shape"):
        examples((IMAGES, TARGETS, TARGETS), NETWORK, sparse=False, name="some images")


def test_bytes_and_floats_are_not_copied():
    for images in (IMAGES, IMAGES.astype(np.float32)):
        assert examples((images, TARGETS), NETWORK, sparse=False, name="").images is images


def test_class_numbers_become_one_hot():
    for labels in (LABELS, LABELS[:, None], LABELS.astype(np.float32)):
        made = examples((IMAGES, labels), NETWORK, sparse=True, name="")
        np.testing.assert_array_equal(made.targets, np.eye(10)[LABELS])


def test_one_channel_may_be_left_out_or_added():
    made = examples((IMAGES[..., None], TARGETS), NETWORK, sparse=False, name="")
    assert len(made) == 4


def with_targets(*rows):
    return Examples(IMAGES[: len(rows)], np.array(rows, np.float32))


def test_smoothed_targets_give_every_class_its_share():
    made = distributions(with_targets([0, 1, 0, 0], [0.5, 0.25, 0.25, 0]), 0.2, "")
    np.testing.assert_allclose(made.targets, [[0.05, 0.85, 0.05, 0.05], [0.45, 0.25, 0.25, 0.05]], rtol=1e-6)


@pytest.mark.parametrize("row", [[0.5, 0.4, 0], [1, 1, 0], [0, 0, 0]])
def test_targets_that_do_not_sum_to_one_are_left_to_keras(row):
    right = with_targets([1, 0, 0])
    assert distributions(right, 0.0, "") is right
    with pytest.raises(
        UnsupportedError, match=r"some images: found targets that sum to .* at position 1 \(1 such rows\)"
    ):
        distributions(with_targets([1, 0, 0], row), 0.0, "some images")


@pytest.mark.parametrize(("row", "smoothing"), [([0, 1, 0], 1.0), ([0, 1, 0], 2.0), ([0.49999997, 0.5, 0], 0.99)])
def test_smoothing_that_hides_the_right_class_is_left_to_keras(row, smoothing):
    with pytest.raises(UnsupportedError, match="label_smoothing"):
        distributions(with_targets(row), smoothing, "some images")


@pytest.mark.parametrize("settings", [{"batch_size": 0}, {"epochs": -1}])
def test_impossible_schedules_are_refused(settings):
    with pytest.raises(RecipeError):
        fit(None, IMAGES, TARGETS, **settings)


def test_nothing_is_compiled_for_data_that_does_not_fit(monkeypatch):
    from tinydigits.formats.keras_bridge import keras_from_network

    model = keras_from_network(NETWORK)
    model.compile(optimizer="sgd", loss="mean_squared_error")
    monkeypatch.setattr(build, "run", lambda command: pytest.fail("a compiler was called"))
    with pytest.raises(EmptyDataError):
        fit(model, IMAGES[:0], TARGETS[:0])
