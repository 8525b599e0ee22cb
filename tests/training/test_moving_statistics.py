"""Moving statistics found anew under Keras' own fit."""

import keras
import numpy as np
from keras import layers

from tinydigits.training.moving_statistics import find_statistics


def normalised_model():
    keras.utils.set_random_seed(0)
    norm = layers.BatchNormalization(momentum=0.9)
    return keras.Sequential([layers.Input((4,)), layers.Dense(3), norm, layers.Dense(2)])


def batches(count=5, size=8):
    return np.random.default_rng(0).normal(2, 3, (count, size, 4)).astype(np.float32)


def test_mean_and_variance_become_their_means_over_the_batches():
    model, x = normalised_model(), batches()
    find_statistics(model, x)
    hidden = np.array(model.layers[0](x.reshape(-1, 4))).reshape(5, 8, 3)
    _, _, mean, variance = (np.array(weight) for weight in model.layers[1].weights)
    np.testing.assert_allclose(mean, hidden.mean(axis=(0, 1)), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(variance, hidden.var(axis=1).mean(axis=0), rtol=1e-4)


def test_trained_weights_and_momentum_stay():
    model = normalised_model()
    before = [np.array(weight) for weight in model.trainable_weights]
    find_statistics(model, batches())
    for old, new in zip(before, model.trainable_weights, strict=True):
        np.testing.assert_array_equal(old, np.array(new))
    assert model.layers[1].momentum == 0.9


def test_a_net_without_normalisation_is_not_even_called():
    def none():
        raise AssertionError("asked for batches")
        yield

    find_statistics(keras.Sequential([layers.Input((4,)), layers.Dense(3)]), none())
