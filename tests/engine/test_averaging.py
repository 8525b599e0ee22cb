"""Averaged weights, beside Keras' own `fit`: over steps, at the end of training, and in what follows it."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers.native import fit
from helpers.small_models import cosine, keras_fit, pairs, small_model
from tinydigits.training.fit import fit as fit_by_either

SETTINGS = {"batch_size": 16, "shuffle": False}


def averaging_model(momentum=0.8):
    model = small_model()
    optimizer = keras.optimizers.AdamW(cosine(), weight_decay=0.5, use_ema=True, ema_momentum=momentum)
    model.compile(optimizer=optimizer, loss="mean_squared_error", metrics=["accuracy"])
    return model


def averages(model):
    return [np.array(average) for average in model.optimizer._model_variables_moving_average]


def assert_same(ours, theirs):
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)


def test_training_ends_with_the_averages_as_weights():
    model, last = averaging_model(), []
    noting = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: last.append(model.get_weights()),
        on_train_end=lambda logs: last.append(model.get_weights()),
    )
    fit(model, *pairs(64), **SETTINGS, epochs=2, callbacks=[noting])
    assert_same(model.get_weights(), averages(model))
    assert_same(model.get_weights(), last[2])
    assert not np.array_equal(last[1][0], last[2][0])


def test_averages_begin_with_the_weights_after_the_first_step():
    model, plain = averaging_model(momentum=1.0), averaging_model(momentum=0.0)
    fit(model, *pairs(64), **SETTINGS)
    fit(plain, *pairs(16), **SETTINGS)
    assert_same(averages(model), plain.get_weights())


def test_a_second_fit_continues_as_keras_does():
    ours, theirs = averaging_model(), averaging_model()
    for epochs in (2, 1):
        fit(ours, *pairs(64), **SETTINGS, epochs=epochs)
        keras_fit(theirs, *pairs(64), **SETTINGS, epochs=epochs)
    for one, other in zip(
        [*ours.get_weights(), *averages(ours)], [*theirs.get_weights(), *averages(theirs)], strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=2e-5)


def test_two_epochs_and_three_more_are_five_to_the_bit_from_the_weights_before_averaging():
    parts, whole, before = averaging_model(), averaging_model(), []
    noting = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: before.append(parts.get_weights()))
    fit(parts, *pairs(64), epochs=2, batch_size=16, seed=5, callbacks=[noting])
    parts.set_weights(before[-1])
    fit(parts, *pairs(64), epochs=3, batch_size=16, seed=5)
    fit(whole, *pairs(64), epochs=5, batch_size=16, seed=5)
    assert_same(parts.get_weights(), whole.get_weights())
    assert_same(map(np.array, parts.optimizer.variables), map(np.array, whole.optimizer.variables))


def test_two_epochs_of_a_schedule_and_three_more_are_five_to_the_bit():
    parts, whole = small_model("adamw", dropout=0.4), small_model("adamw", dropout=0.4)
    fit(parts, *pairs(64), epochs=2, batch_size=16, seed=5)
    fit(parts, *pairs(64), epochs=3, batch_size=16, seed=5)
    fit(whole, *pairs(64), epochs=5, batch_size=16, seed=5)
    assert_same(parts.get_weights(), whole.get_weights())


@pytest.mark.parametrize("swap_on_epoch", [False, True])
def test_a_callback_that_swaps_averages_in_is_scored_as_by_keras(swap_on_epoch):
    histories = []
    for train in (fit, keras_fit):
        model = averaging_model()
        swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=swap_on_epoch)
        settings = {**SETTINGS, "epochs": 3, "validation_data": pairs(37, seed=1), "callbacks": [swap]}
        histories.append((train(model, *pairs(64), **settings).history, model.get_weights()))
    (ours, weights), (theirs, keras_weights) = histories
    for name, values in theirs.items():
        np.testing.assert_allclose(ours[name], values, rtol=2e-4, err_msg=name)
    for one, other in zip(weights, keras_weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=2e-5)


def test_no_epochs_average_nothing():
    model = averaging_model()
    before = model.get_weights()
    fit(model, *pairs(20), epochs=0)
    assert_same(model.get_weights(), before)


def normalised_averaging_model(momentum=0.9):
    keras.utils.set_random_seed(1)
    norm, rectifier, summary = layers.BatchNormalization(), layers.ReLU(), layers.GlobalAveragePooling2D()
    model = keras.Sequential(
        [layers.Input((10, 9, 1)), layers.Conv2D(4, 3, use_bias=False), norm, rectifier, summary, layers.Dense(4)]
    )
    optimizer = keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=momentum)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
    return model


def test_averaged_weights_get_statistics_of_their_own():
    model, (x, y) = normalised_averaging_model(), pairs(64)
    fit(model, x, y, **SETTINGS, epochs=3)
    convolved = np.array(model.layers[0](x.reshape(-1, 10, 9, 1))).reshape(4, 16, 8 * 7, 4)
    _, _, mean, variance = (np.array(weight) for weight in model.layers[1].weights)
    np.testing.assert_allclose(mean, convolved.mean(axis=(0, 1, 2)), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(variance, convolved.var(axis=(1, 2)).mean(axis=0), rtol=1e-4)
    assert int(np.array(model.optimizer.iterations)) == 12


def test_both_engines_find_the_same_statistics_for_averaged_weights():
    ours, theirs = normalised_averaging_model(), normalised_averaging_model()
    for model, engine in ((ours, "native"), (theirs, "keras")):
        fit_by_either(model, *pairs(64), **SETTINGS, epochs=2, seed=0, engine=engine)
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-3, atol=2e-4)
