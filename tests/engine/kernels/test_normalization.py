"""Batch normalisation in training, beside Keras' own `fit`; and what is refused."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers.native import fit
from helpers.small_models import keras_fit, pairs
from tinydigits.errors import UnsupportedError

SETTINGS = {"batch_size": 24, "epochs": 3, "shuffle": False}


def normalised_model(momentum=0.9):
    """Convolutions of each kind, each normalised, with a pooling that the normalisation takes over.

    No bias stands before a normalisation: its gradient would be rounding alone, which Adam makes steps of.
    """
    keras.utils.set_random_seed(0)
    return compiled(
        [
            layers.Conv2D(4, 3, use_bias=False),
            layers.BatchNormalization(momentum=momentum),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.SeparableConv2D(6, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=momentum, epsilon=0.01),
            layers.LeakyReLU(0.1),
            layers.DepthwiseConv2D(2, strides=2, use_bias=False),
            layers.GlobalAveragePooling2D(),
            layers.Dense(5, use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dense(4),
        ]
    )


def compiled(parts):
    model = keras.Sequential([layers.Input((10, 9, 1)), *parts])
    optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.1)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
    return model


DATA, VALIDATION = pairs(24 * 4 + 7), pairs(20, seed=1)  # the last batch is no full one


@pytest.fixture(scope="module")
def by_keras():
    """The history and the weights of Keras' own training."""
    model = normalised_model()
    history = keras_fit(model, *DATA, **SETTINGS, validation_data=VALIDATION).history
    return history, model.get_weights()


@pytest.mark.parametrize("threads", [1, 2])
def test_weights_statistics_and_history_are_keras_own(threads, by_keras):
    ours, (history, weights) = normalised_model(), by_keras
    native = fit(ours, *DATA, **SETTINGS, validation_data=VALIDATION, threads=threads).history
    for one, other in zip(ours.get_weights(), weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=5e-3, atol=2e-3)
    for name, values in history.items():
        np.testing.assert_allclose(native[name], values, rtol=1e-2, atol=1e-2)


def test_a_larger_batch_after_a_smaller_one_finds_enough_memory():
    model, data = normalised_model(), pairs(100)
    for batch_size in (16, 100, 16):
        history = fit(model, *data, batch_size=batch_size, shuffle=False).history
        assert np.isfinite(history["loss"]).all()


def test_a_batch_of_one_image_trains():
    history = fit(normalised_model(), *pairs(3), batch_size=1).history
    assert np.isfinite(history["loss"]).all()


def test_normalising_a_flattened_image_is_left_to_keras():
    model = compiled([layers.Flatten(), layers.BatchNormalization(), layers.Dense(4)])
    with pytest.raises(UnsupportedError, match="behind a flattened image"):
        fit(model, *pairs(20))


def test_several_filters_a_channel_are_left_to_keras():
    model = compiled([layers.DepthwiseConv2D(3, depth_multiplier=2), layers.Flatten(), layers.Dense(4)])
    with pytest.raises(UnsupportedError, match="depth_multiplier"):
        fit(model, *pairs(20))
