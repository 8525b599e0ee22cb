import keras
import numpy as np
import pytest

import tinydigits
from tinydigits.data import scaled
from tinydigits.recipes import RECIPES, compiled


@pytest.fixture
def targets(few_digits):
    return np.eye(10, dtype=np.float32)[few_digits.labels]


def fitted(few_digits, targets, x=None, **settings):
    """Weights and history of the cnn after one epoch."""
    keras.utils.set_random_seed(1)
    model = compiled(RECIPES["cnn"])
    history = tinydigits.fit(model, few_digits.images if x is None else x, targets, seed=7, **settings)
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
