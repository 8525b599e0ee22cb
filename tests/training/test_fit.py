from functools import partial

import keras
import numpy as np
import pytest

import tinydigits
from tinydigits.augmentation import AFFINE
from tinydigits.data.dataset import scaled
from tinydigits.engine.compiler import build
from tinydigits.errors import RecipeError, UnsupportedError
from tinydigits.recipes.recipe import RECIPES, compiled

# Images of a data set, 0 to 1, as `train` gives them.
fit = partial(tinydigits.fit, pixels="0-1", verbose=0)


@pytest.fixture
def targets(few_digits):
    return np.eye(10, dtype=np.float32)[few_digits.labels]


def fitted(few_digits, targets, x=None, **settings):
    """Weights and history of the cnn after one epoch."""
    keras.utils.set_random_seed(1)
    model = compiled(RECIPES["cnn"])
    history = fit(model, few_digits.images if x is None else x, targets, seed=7, **settings)
    return model.get_weights(), history


def test_fit_returns_a_keras_history(few_digits, targets):
    _, history = fitted(few_digits, targets, epochs=2, validation_data=(few_digits.images, targets))
    assert isinstance(history, keras.callbacks.History)
    assert sorted(history.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert history.epoch == [0, 1]


def test_bytes_and_scaled_floats_train_the_same(few_digits, targets):
    from_bytes, _ = fitted(few_digits, targets)
    from_floats, _ = fitted(few_digits, targets, x=scaled(few_digits.images)[..., None])
    assert all(np.array_equal(a, b) for a, b in zip(from_bytes, from_floats, strict=True))


def test_one_seed_is_one_training(few_digits, targets):
    first, _ = fitted(few_digits, targets)
    second, _ = fitted(few_digits, targets)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_progress_ends_each_epoch_and_never_runs_backwards(few_digits, targets):
    told = []
    fitted(few_digits, targets, epochs=3, validation_data=(few_digits.images, targets), on_progress=told.append)
    ends = [progress for progress in told if progress.epoch_ended]
    assert [progress.epoch for progress in ends] == [1, 2, 3]
    assert all(progress.validation_accuracy is not None for progress in ends)
    fractions = [progress.fraction for progress in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


def test_a_users_callbacks_are_called(few_digits, targets):
    epochs = []
    callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: epochs.append((epoch, sorted(logs))))
    fitted(few_digits, targets, epochs=2, callbacks=[callback])
    assert epochs == [(0, ["accuracy", "loss"]), (1, ["accuracy", "loss"])]


def regularised():
    """A model that only Keras can train."""
    layers = keras.layers
    model = keras.Sequential(
        [layers.Input((28, 28)), layers.Flatten(), layers.Dense(10, "softmax", kernel_regularizer="l2")]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def test_what_the_engine_does_not_know_goes_to_keras_with_one_line(few_digits, targets):
    reasons = []
    history = fit(regularised(), few_digits.images, targets, on_fallback=reasons.append)
    assert len(history.history["loss"]) == 1
    assert [str(reason).count("kernel_regularizer=L2") for reason in reasons] == [1]
    assert "\n" not in str(reasons[0])


def test_without_a_listener_the_line_is_a_warning(few_digits, targets):
    with pytest.warns(UserWarning, match=r"Keras trains this model.*kernel_regularizer"):
        fit(regularised(), few_digits.images, targets)


def test_native_or_nothing_raises(few_digits, targets):
    with pytest.raises(UnsupportedError, match="kernel_regularizer"):
        fit(regularised(), few_digits.images, targets, engine="native")


def test_no_compiler_leaves_it_to_keras(few_digits, targets, monkeypatch):
    reasons = []
    monkeypatch.setattr(build, "candidates", list)
    build.find_compiler.cache_clear()
    _, history = fitted(few_digits, targets, on_fallback=reasons.append)
    build.find_compiler.cache_clear()
    assert len(history.history["loss"]) == 1
    assert "ziglang" in str(reasons[0])


def test_both_engines_learn_alike(whole_mnist):
    train, held_out = whole_mnist.train[:4000], whole_mnist.validation[:1000]
    accuracies = []
    for engine in ("native", "keras"):
        keras.utils.set_random_seed(0)
        model = compiled(RECIPES["cnn"])
        validation = held_out.images, np.eye(10, dtype=np.float32)[held_out.labels]
        history = fit(
            model, train.images, np.eye(10)[train.labels], epochs=2, validation_data=validation, seed=0, engine=engine
        )
        accuracies.append(history.history["val_accuracy"][-1])
    assert accuracies[0] == pytest.approx(accuracies[1], abs=0.03)
    assert min(accuracies) > 0.7


@pytest.mark.parametrize("engine", ["native", "keras"])
def test_without_a_seed_keras_random_state_decides(few_digits, targets, engine):
    trained = []
    for _ in range(2):
        keras.utils.set_random_seed(3)
        model = compiled(RECIPES["cnn"])
        fit(model, few_digits.images, targets, engine=engine)
        trained.append(model.get_weights()[0])
    assert np.array_equal(*trained)


def trained_with_tanh(few_digits, targets, **settings):
    """Weights of a net that only Keras can train, from one random state, on varied images."""
    layers = keras.layers
    keras.utils.set_random_seed(5)
    model = keras.Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(10, "tanh")])
    model.compile(optimizer="sgd", loss="mean_squared_error")
    fit(model, few_digits.images, targets, augmentation=AFFINE, **settings)
    return model.get_weights()


@pytest.mark.parametrize("seed", [None, 3])
def test_auto_that_falls_back_is_keras_bit_for_bit(few_digits, targets, seed):
    asked = trained_with_tanh(few_digits, targets, engine="keras", seed=seed)
    left = trained_with_tanh(few_digits, targets, seed=seed, on_fallback=lambda reason: None)
    for one, other in zip(asked, left, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("engine", ["auto", "native", "keras"])
def test_a_seed_outside_its_range_is_refused_alike_by_both_engines(few_digits, targets, engine):
    with pytest.raises(RecipeError, match="seed: found -1; expected 0 to 4,294,967,295"):
        fit(regularised(), few_digits.images, targets, engine=engine, seed=-1)


@pytest.mark.parametrize(("settings", "epochs"), [({"batch_size": 0}, 1), ({"epochs": -1}, 0)])
def test_sizes_below_their_range_mean_what_keras_makes_of_them(few_digits, targets, settings, epochs):
    reasons = []
    model = compiled(RECIPES["mlp"])
    history = fit(model, few_digits.images, targets, on_fallback=reasons.append, **settings)
    assert len(history.epoch) == epochs
    assert next(iter(settings)) in str(reasons[0])
    with pytest.raises(UnsupportedError, match=next(iter(settings))):
        fit(model, few_digits.images, targets, engine="native", **settings)


def test_an_engine_of_another_name_is_refused(few_digits, targets):
    with pytest.raises(RecipeError, match="`foo`; expected one of auto, native, keras"):
        fit(regularised(), few_digits.images, targets, engine="foo")


@pytest.mark.parametrize("seed", ["three", 1.5])
def test_a_seed_that_is_no_whole_number_is_refused(few_digits, targets, seed):
    with pytest.raises(RecipeError, match=f"seed: found {seed!r}; expected a whole number"):
        fit(regularised(), few_digits.images, targets, seed=seed)
