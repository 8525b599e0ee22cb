"""Targets that are no one-hot: smoothed labels and a teacher's probabilities, beside Keras."""

import keras
import numpy as np
import pytest

from helpers.native import fit
from helpers.small_models import keras_fit, pairs, small_model
from tinydigits.errors import UnsupportedError


def soft_pairs(count, seed=0):
    """Noise with distributions over 4 classes, the largest of which is sometimes tied."""
    random = np.random.default_rng(seed)
    targets = random.dirichlet(np.ones(4), count).astype(np.float32)
    targets[::5] = [0.1, 0.4, 0.4, 0.1]
    return pairs(count, seed=seed)[0], targets


def models(loss, softmax):
    made = [small_model("adam", loss) for _ in range(2)]
    for model in made:
        if not softmax:
            model.layers[-1].activation = keras.activations.linear
    return made


@pytest.mark.parametrize("softmax", [True, False])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_a_teachers_probabilities_train_as_by_keras(softmax, smoothing):
    loss = keras.losses.CategoricalCrossentropy(from_logits=not softmax, label_smoothing=smoothing)
    ours, theirs = models(loss, softmax)
    settings = {"batch_size": 32, "epochs": 3, "validation_data": soft_pairs(37, seed=1), "shuffle": False}
    history = fit(ours, *soft_pairs(75), **settings).history
    expected = keras_fit(theirs, *soft_pairs(75), **settings).history
    assert list(history) == list(expected) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    for name, values in expected.items():
        np.testing.assert_allclose(history[name], values, rtol=2e-4, err_msg=name)
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=2e-5)


def test_smoothing_makes_a_difference():
    plain, smoothed = (
        small_model("adam", keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)) for smoothing in (0, 0.1)
    )
    losses = [fit(model, *pairs(64), shuffle=False).history["loss"][0] for model in (plain, smoothed)]
    assert losses[0] != pytest.approx(losses[1], rel=1e-3)


def test_targets_that_are_no_distribution_are_left_to_keras_for_cross_entropy_alone():
    x, y = soft_pairs(20)
    fit(small_model("adam", "mean_squared_error"), x, 2 * y)
    with pytest.raises(UnsupportedError, match="training data: found targets that sum to 2"):
        fit(small_model("adam", "categorical_crossentropy"), x, 2 * y)
    with pytest.raises(UnsupportedError, match="validation data: found targets that sum to 2"):
        fit(small_model("adam", "categorical_crossentropy"), x, y, validation_data=(x, 2 * y))
