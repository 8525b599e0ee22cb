"""`engine.fit` beside Keras' own `fit`: same histories, same weights, same callbacks, same continuation."""

from dataclasses import replace
from functools import partial

import keras
import numpy as np
import pytest

import tinydigits
from helpers.native import fit
from helpers.small_models import OPTIMIZERS, keras_fit, pairs, small_model
from tinydigits.augmentation.settings import AFFINE, PHOTOGRAPHED
from tinydigits.engine.runtime.augment import augmented
from tinydigits.errors import RecipeError

LOSSES = ["mean_squared_error", "categorical_crossentropy", "sparse_categorical_crossentropy"]
# Rules without arrays or schedules of their own; `test_optimizers` draws their like.
DRAWN = ("momentum", "sgd with decay", "adam with decay", "averaging sgd")
SMOOTHED = keras.losses.CategoricalCrossentropy(label_smoothing=0.2)


def both(optimizer, loss):
    """(history, model) natively and by Keras; 75 images in batches of 32 leave a last batch of 11."""
    native, theirs = small_model(optimizer, loss), small_model(optimizer, loss)
    settings = {"batch_size": 32, "epochs": 3, "validation_data": pairs(37, loss, seed=1), "shuffle": False}
    history = fit(native, *pairs(75, loss), **settings)
    return (history, native), (keras_fit(theirs, *pairs(75, loss), **settings), theirs)


@pytest.mark.parametrize(
    ("optimizer", "loss"),
    [
        *((name, "mean_squared_error") for name in OPTIMIZERS if name not in DRAWN),
        *(pytest.param(name, "mean_squared_error", marks=pytest.mark.long) for name in DRAWN),
        *(("adam", loss) for loss in [*LOSSES[1:], SMOOTHED]),
    ],
)
def test_three_epochs_are_keras_own(optimizer, loss):
    (history, native), (keras_history, theirs) = both(optimizer, loss)
    assert list(history.history) == list(keras_history.history)
    for name, values in keras_history.history.items():
        np.testing.assert_allclose(history.history[name], values, rtol=2e-4, err_msg=name)
    for ours, expected in zip(native.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-3, atol=2e-5)
    assert int(native.optimizer.iterations) == int(theirs.optimizer.iterations) == 9
    # Behind the count of steps: a constant learning rate, and the optimiser's arrays.
    for ours, expected in zip(native.optimizer.variables[1:], theirs.optimizer.variables[1:], strict=True):
        np.testing.assert_allclose(np.array(ours), np.array(expected), rtol=1e-2, atol=1e-5)


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_keras_continues_what_the_engine_began(optimizer):
    settings = {"batch_size": 16, "shuffle": False}
    begun, theirs = small_model(optimizer), small_model(optimizer)
    fit(begun, *pairs(64), **settings, epochs=2)
    keras_fit(begun, *pairs(64), **settings)
    keras_fit(theirs, *pairs(64), **settings, epochs=3)
    for ours, expected in zip(begun.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-3, atol=2e-5)


def test_two_epochs_and_one_more_are_three_to_the_bit():
    parts, whole = small_model(dropout=0.4), small_model(dropout=0.4)
    fit(parts, *pairs(64), epochs=2, seed=5)
    fit(parts, *pairs(64), epochs=1, seed=5)
    fit(whole, *pairs(64), epochs=3, seed=5)
    for one, other in zip(parts.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_seed_decides_order_and_dropout():
    weights = []
    for seed in (1, 1, 2):
        model = small_model(dropout=0.4)
        fit(model, *pairs(64), seed=seed)
        weights.append(model.get_weights()[0])
    np.testing.assert_array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], weights[2])


def test_dropout_drops_its_rate_of_the_values_and_keeps_their_mean():
    layers = keras.layers
    model = keras.Sequential(
        [layers.Input((28, 28)), layers.Flatten(), layers.Dropout(0.3), layers.Dense(1, use_bias=False)]
    )
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mean_squared_error")
    model.set_weights([np.zeros((784, 1), np.float32)])
    fit(model, np.ones((64, 28, 28), np.float32), -np.ones((64, 1), np.float32), batch_size=64)
    # One step from zero weights: each weight moves by -2 · mean of the dropped-out input, itself 1 on average.
    kept = model.get_weights()[0] / -2 * 64 * 0.7
    assert np.allclose(kept, np.round(kept), atol=1e-3)
    assert abs(kept.mean() / 64 - 0.7) < 0.01


def test_learning_rates_set_by_a_callback_are_used():
    def halved(epoch, rate):
        return rate / 2

    native, theirs = small_model("sgd"), small_model("sgd")
    settings = {"batch_size": 16, "epochs": 3, "shuffle": False}
    fit(native, *pairs(64), **settings, callbacks=[keras.callbacks.LearningRateScheduler(halved)])
    keras_fit(theirs, *pairs(64), **settings, callbacks=[keras.callbacks.LearningRateScheduler(halved)])
    np.testing.assert_allclose(native.get_weights()[0], theirs.get_weights()[0], rtol=1e-3, atol=1e-6)


def test_early_stopping_stops_and_restores_the_best_weights():
    model = small_model()
    stopping = keras.callbacks.EarlyStopping(monitor="loss", mode="max", patience=2, restore_best_weights=True)
    seen = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: weights.append(model.get_weights()[0]))
    weights = []
    history = fit(model, *pairs(64), epochs=9, callbacks=[seen, stopping])
    assert history.epoch == [0, 1, 2]
    np.testing.assert_array_equal(model.get_weights()[0], weights[0])


def test_callbacks_come_in_keras_order():
    def journal(fit_it):
        entries = []

        class Journal(keras.callbacks.Callback):
            def on_train_begin(self, logs=None):
                entries.append(("train begins", self.params["epochs"], self.params["steps"]))

            def on_epoch_begin(self, epoch, logs=None):
                entries.append(("epoch begins", epoch))

            def on_test_begin(self, logs=None):
                entries.append("test begins")

            def on_test_end(self, logs=None):
                entries.append(("test ends", sorted(logs)))

            def on_epoch_end(self, epoch, logs=None):
                entries.append(("epoch ends", epoch, list(logs)))

            def on_train_end(self, logs=None):
                entries.append(("train ends", list(logs)))

        fit_it(*pairs(40), batch_size=16, epochs=2, validation_data=pairs(20), callbacks=[Journal()])
        return entries

    native, theirs = small_model(), small_model()
    assert journal(lambda *data, **settings: fit(native, *data, **settings)) == journal(
        lambda *data, **settings: keras_fit(theirs, *data, **settings)
    )


def memoriser(count, shape=(12, 9)):
    """A linear model that, after one step on one-hot targets, shows each image as the weights of one answer."""
    model = keras.Sequential(
        [keras.layers.Input((*shape, 1)), keras.layers.Flatten(), keras.layers.Dense(count, use_bias=False)]
    )
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mean_squared_error")
    model.set_weights([np.zeros((shape[0] * shape[1], count), np.float32)])
    return model


def learnt_pictures(model, count, shape=(12, 9)):
    """uint8 [count, rows, columns]: the loss's gradient is -2 / count² times each picture."""
    pictures = model.get_weights()[0].T.reshape(count, *shape) * 255 * count**2 / 2
    np.testing.assert_allclose(pictures, np.rint(pictures), atol=0.01)
    return np.rint(pictures).astype(np.uint8)


@pytest.mark.parametrize("fit_it", [fit, partial(tinydigits.fit, engine="keras", pixels="0-1", verbose=0)])
def test_both_engines_learn_from_the_same_augmented_pictures(fit_it):
    images, targets = noise_images(20), np.eye(20, dtype=np.float32)
    model = memoriser(20)
    for steps in range(2):
        model.set_weights([np.zeros_like(weights) for weights in model.get_weights()])
        fit_it(model, images, targets, batch_size=20, seed=9, augmentation=PHOTOGRAPHED)
        expected = augmented(images, 9, steps, PHOTOGRAPHED, strength=PHOTOGRAPHED.gentle_strength)
        np.testing.assert_array_equal(learnt_pictures(model, 20), expected)


def noise_images(count, shape=(12, 9)):
    return np.random.default_rng(4).integers(0, 256, (count, *shape)).astype(np.uint8)


@pytest.mark.parametrize("batch_size", [8, 25])
def test_augmented_epochs_are_keras_own_in_order_and_strength(batch_size):
    """Several epochs, the last of them gentler, and a last batch that is not full."""
    settings = {"batch_size": batch_size, "epochs": 3, "seed": 2, "augmentation": replace(AFFINE, gentle_epochs=1)}
    images, targets = noise_images(60, (10, 9)), pairs(60)[1]
    native, theirs = small_model("momentum"), small_model("momentum")
    history = fit(native, images, targets, **settings)
    keras_history = tinydigits.fit(theirs, images, targets, engine="keras", pixels="0-1", verbose=0, **settings)
    np.testing.assert_allclose(history.history["loss"], keras_history.history["loss"], rtol=2e-4)
    np.testing.assert_allclose(native.get_weights()[0], theirs.get_weights()[0], rtol=1e-3, atol=2e-5)


@pytest.mark.parametrize("threads", [1, 2])
def test_augmented_epochs_are_the_same_in_two_parts_and_on_any_number_of_threads(threads):
    settings = {"seed": 5, "augmentation": replace(PHOTOGRAPHED, gentle_epochs=0)}
    images, targets = noise_images(300, (10, 9)), pairs(300)[1]
    parts, whole = small_model(dropout=0.4), small_model(dropout=0.4)
    fit(parts, images, targets, epochs=2, threads=threads, **settings)
    fit(parts, images, targets, epochs=3, threads=threads, **settings)
    fit(whole, images, targets, epochs=5, threads=1, **settings)
    for one, other in zip(parts.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("fit_it", [fit, partial(tinydigits.fit, engine="keras", pixels="0-1", verbose=0)])
def test_validation_images_are_scored_as_they_are(fit_it):
    images, targets = noise_images(40, (10, 9)), pairs(40)[1]
    model = small_model("sgd")
    history = fit_it(model, images, targets, validation_data=(images, targets), augmentation=PHOTOGRAPHED)
    loss = model.evaluate(images[..., None] / np.float32(255), targets, verbose=0)[0]
    assert history.history["val_loss"] == pytest.approx([loss], rel=1e-5)


@pytest.mark.parametrize("fit_it", [fit, tinydigits.fit, partial(tinydigits.fit, engine="keras")])
def test_floats_cannot_be_augmented(fit_it):
    with pytest.raises(RecipeError, match="augmentation: found images of type float32; expected uint8"):
        fit_it(small_model(), *pairs(20), augmentation=AFFINE)


def test_an_epoch_is_done_once_where_its_last_batch_is_not_full():
    told = []
    fit(small_model(), *pairs(20), batch_size=16, epochs=2, on_slice=lambda *news: told.append(news[:2]))
    assert [done for _, done in told if done >= 1] == [1, 1]
    assert told[-1] == (1, 1)
