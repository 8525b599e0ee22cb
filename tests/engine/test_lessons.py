"""Soft targets, trained natively, beside the same lessons given to Keras' own `fit` and to `fit` by hand."""

import keras
import numpy as np
import pytest

from tinydigits.augmentation import Augmentation
from tinydigits.engine.augment import augmented
from tinydigits.engine.fit import fit
from tinydigits.errors import RecipeError, UnsupportedError
from tinydigits.fitting import fit as fit_by_either
from tinydigits.soft_targets import SEED, SoftTargets, Views

VARIED = Augmentation(rotation=0.3, shift=2.0, gentle_epochs=1, gentle_strength=0.5)
EPOCHS = 4


def model(smoothing=0.0):
    keras.utils.set_random_seed(1)
    layers = keras.layers
    net = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(4, 3, strides=2, use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    net.compile(optimizer=keras.optimizers.SGD(0.1), loss=loss, metrics=["accuracy"])
    return net


@pytest.fixture
def digits(few_digits):
    """Images, and targets that no soft target resembles."""
    return few_digits.images[:80], np.eye(10, dtype=np.float32)[np.zeros(80, int)]


@pytest.fixture
def soft():
    views = Views(VARIED, count=2)
    random = np.random.default_rng(0)
    answers = {view: random.dirichlet(np.ones(10), 80).astype(np.float16) for view in views.needed(EPOCHS)}
    return SoftTargets(views, answers)


def test_each_epoch_learns_its_view_and_the_answers_to_it(digits, soft):
    taught, by_hand = model(), model()
    fit(taught, *digits, epochs=EPOCHS, batch_size=16, seed=7, soft_targets=soft)
    for epoch in range(EPOCHS):
        view, targets = soft.at(epoch, EPOCHS)
        pictures = augmented(digits[0], SEED, view.key, VARIED, view.strength)
        fit(by_hand, pictures, targets, epochs=1, batch_size=16, seed=7)
    for one, other in zip(taught.get_weights(), by_hand.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_keras_own_fit_learns_the_same(digits, soft):
    native, theirs = model(), model()
    settings = {"epochs": EPOCHS, "batch_size": 16, "seed": 7, "soft_targets": soft}
    ours = fit_by_either(native, *digits, engine="native", **settings).history
    expected = fit_by_either(theirs, *digits, engine="keras", **settings).history
    np.testing.assert_allclose(ours["loss"], expected["loss"], rtol=1e-4)
    for one, other in zip(native.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=2e-5)


def test_label_smoothing_beside_them_goes_to_keras(digits, soft):
    with pytest.raises(UnsupportedError, match=r"soft targets: found label_smoothing=0\.1"):
        fit(model(smoothing=0.1), *digits, soft_targets=soft)


def test_augmentation_beside_them_is_refused(digits, soft):
    with pytest.raises(RecipeError, match="varied already"):
        fit_by_either(model(), *digits, augmentation=VARIED, soft_targets=soft)
