"""`engine.fit` beside Keras' own `fit`: same histories, same weights, same callbacks, same continuation."""

import keras
import numpy as np
import pytest

from tinydigits.engine.fit import fit

LOSSES = ["mean_squared_error", "categorical_crossentropy", "sparse_categorical_crossentropy"]
SMOOTHED = keras.losses.CategoricalCrossentropy(label_smoothing=0.2)
OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(0.1),
    "momentum": lambda: keras.optimizers.SGD(0.05, momentum=0.9),
    "nesterov": lambda: keras.optimizers.SGD(0.05, momentum=0.8, nesterov=True),
    "sgd with decay": lambda: keras.optimizers.SGD(0.1, weight_decay=0.05),
    "nesterov with decay": lambda: keras.optimizers.SGD(0.05, momentum=0.8, nesterov=True, weight_decay=0.05),
    "adam with decay": lambda: keras.optimizers.Adam(0.01, weight_decay=0.2),
    "adamw": lambda: keras.optimizers.AdamW(cosine(), weight_decay=0.5),
    "averaging": lambda: keras.optimizers.AdamW(cosine(), weight_decay=0.5, use_ema=True, ema_momentum=0.8),
    "averaging sgd": lambda: keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.8),
    "adam": lambda: keras.optimizers.Adam(0.01, beta_1=0.8, beta_2=0.99, epsilon=1e-5),
}


def cosine():
    return keras.optimizers.schedules.CosineDecay(0.0, 10, warmup_target=0.03, warmup_steps=4)


def small_model(optimizer="adam", loss="mean_squared_error", metrics=("accuracy",), dropout=0.0):
    """A convolutional net of 10×9 pixels and 4 classes, the same weights every time."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((10, 9, 1)),
            layers.Conv2D(3, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(dropout),
            layers.Dense(4, activation="softmax"),
        ]
    )
    model.compile(optimizer=OPTIMIZERS[optimizer](), loss=loss, metrics=list(metrics))
    return model


def pairs(count, loss="mean_squared_error", seed=0):
    """(x, y): float32 noise, and targets as the loss takes them."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 4, count)
    targets = labels if loss == "sparse_categorical_crossentropy" else np.eye(4, dtype=np.float32)[labels]
    return random.uniform(0, 1, (count, 10, 9, 1)).astype(np.float32), targets


def both(optimizer, loss):
    """(history, model) natively and by Keras; 75 images in batches of 32 leave a last batch of 11."""
    native, theirs = small_model(optimizer, loss), small_model(optimizer, loss)
    settings = {"batch_size": 32, "epochs": 3, "validation_data": pairs(37, loss, seed=1), "shuffle": False}
    history = fit(native, *pairs(75, loss), **settings)
    return (history, native), (theirs.fit(*pairs(75, loss), **settings, verbose=0), theirs)


@pytest.mark.parametrize(
    ("optimizer", "loss"),
    [*((name, "mean_squared_error") for name in OPTIMIZERS), *(("adam", loss) for loss in [*LOSSES[1:], SMOOTHED])],
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
    begun.fit(*pairs(64), **settings, verbose=0)
    theirs.fit(*pairs(64), **settings, epochs=3, verbose=0)
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
    theirs.fit(*pairs(64), **settings, callbacks=[keras.callbacks.LearningRateScheduler(halved)], verbose=0)
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
        lambda *data, **settings: theirs.fit(*data, **settings, verbose=0)
    )
