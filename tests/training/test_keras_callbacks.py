"""Each callback that Keras ships does with `tinydigits.fit` what it does with Keras' own `fit`."""

import csv
from importlib.util import find_spec

import keras
import numpy as np
import pytest
from keras import callbacks, layers

import tinydigits
from tinydigits.engine.keras.settings import check_callbacks
from tinydigits.errors import UnsupportedError

IMAGES = np.random.default_rng(0).uniform(0, 1, (120, 8, 8, 1)).astype(np.float32)
LABELS = (4 * IMAGES.mean(axis=(1, 2, 3)) * 7).astype(np.int64) % 4
SETTINGS = {"validation_data": (IMAGES[:40], LABELS[:40]), "epochs": 6, "verbose": 0, "shuffle": False}


def trained(fit, made, **settings):
    """(history, model) after a training with the callbacks `made`, with the same first weights every time."""
    keras.utils.set_random_seed(0)
    parts = [layers.Conv2D(3, 3, activation="relu"), layers.Flatten(), layers.Dense(4, activation="softmax")]
    model = keras.Sequential([layers.Input((8, 8, 1)), *parts])
    optimizer = keras.optimizers.Adam(0.02, use_ema=settings.pop("use_ema", False), ema_momentum=0.5)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    return fit(model, IMAGES, LABELS, callbacks=made, **{**SETTINGS, **settings}), model


def natively(model, *given, **named):
    return tinydigits.fit(model, *given, engine="native", **named)


def with_a_reason(model, *given, **named):
    """Our `fit`, of which Keras must be told to train, once."""
    reasons = []
    history = tinydigits.fit(model, *given, on_fallback=reasons.append, **named)
    assert len(reasons) == 1
    return history


def by_keras(model, *given, **named):
    return model.fit(*given, **named)


def assert_alike(ours, theirs):
    assert ours[0].epoch == theirs[0].epoch
    assert list(ours[0].history) == list(theirs[0].history)
    for name, values in theirs[0].history.items():
        np.testing.assert_allclose(ours[0].history[name], values, rtol=5e-3, atol=1e-3, err_msg=name)
    for one, other in zip(ours[1].get_weights(), theirs[1].get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-2, atol=1e-3)


def between_epochs(folder):
    """Callbacks that leave one another alone, so that one training shows them all."""
    return [
        callbacks.ReduceLROnPlateau("val_loss", patience=1, min_delta=0.05, factor=0.5),
        callbacks.ModelCheckpoint(folder / "best.keras", save_best_only=True),
        callbacks.ModelCheckpoint(folder / "{epoch}.weights.h5", save_weights_only=True),
        callbacks.CSVLogger(folder / "log.csv"),
        callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: (folder / f"after {epoch}").touch()),
    ]


def between_batches(folder):
    return [
        callbacks.TerminateOnNaN(),
        callbacks.ProgbarLogger(),
        callbacks.BackupAndRestore(folder / "backup"),
        callbacks.ModelCheckpoint(folder / "{epoch}.{batch}.keras", save_freq=3),
        callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: (folder / f"after {batch}").touch()),
    ]


def both(fit, make, tmp_path, **settings):
    """What our `fit` and Keras' own come to, each with a folder of its own; both must have written the same files."""
    folders = [tmp_path / name for name in ("ours", "theirs")]
    for folder in folders:
        folder.mkdir()
    outcomes = [trained(each, make(at), **settings) for each, at in zip((fit, by_keras), folders, strict=True)]
    written = [sorted(str(file.relative_to(folder)) for file in folder.rglob("*")) for folder in folders]
    assert written[0] == written[1]
    return outcomes


def rows(file):
    """The numbers of a table, after its line of names."""
    names, *lines = csv.reader(file.read_text().splitlines())
    return names, [[float(number) for number in line] for line in lines]


def test_callbacks_between_epochs_act_natively_as_in_keras(tmp_path):
    assert_alike(*both(natively, between_epochs, tmp_path))
    (names, ours), (others, theirs) = (rows(tmp_path / at / "log.csv") for at in ("ours", "theirs"))
    assert names == others
    np.testing.assert_allclose(ours, theirs, rtol=5e-3, atol=1e-3)
    best = [keras.saving.load_model(tmp_path / at / "best.keras").get_weights() for at in ("ours", "theirs")]
    for one, other in zip(*best, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-2, atol=1e-3)


def test_callbacks_between_batches_are_left_to_keras(tmp_path):
    assert_alike(*both(with_a_reason, between_batches, tmp_path))


def test_each_callback_between_batches_is_a_reason(tmp_path):
    for callback in between_batches(tmp_path):
        with pytest.raises(UnsupportedError, match=f"callback {type(callback).__name__}"):
            check_callbacks([callback])


def test_early_stopping_stops_at_the_same_epoch_with_the_best_weights(tmp_path):
    def stopping(_):
        return callbacks.EarlyStopping("val_loss", patience=1, min_delta=0.05, restore_best_weights=True)

    ours, theirs = both(natively, stopping, tmp_path, epochs=30)
    assert_alike(ours, theirs)
    assert len(ours[0].epoch) < 30


def test_averaged_weights_are_validated_as_in_keras(tmp_path):
    assert_alike(*both(natively, lambda _: callbacks.SwapEMAWeights(), tmp_path, use_ema=True))


def test_a_backup_is_restored_as_in_keras(tmp_path):
    class Stop(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 2:
                raise InterruptedError

    def interrupted(fit, folder):
        with pytest.raises(InterruptedError):
            trained(fit, [callbacks.BackupAndRestore(folder), Stop()])
        return trained(fit, callbacks.BackupAndRestore(folder))

    ours, theirs = interrupted(with_a_reason, tmp_path / "ours"), interrupted(by_keras, tmp_path / "theirs")
    assert_alike(ours, theirs)
    assert ours[0].epoch == [3, 4, 5]


@pytest.mark.skipif(find_spec("tensorboard") is None, reason="TensorBoard is not installed")
def test_tensorboard_is_left_to_keras(tmp_path):
    ours, theirs = (trained(fit, callbacks.TensorBoard(tmp_path / fit.__name__)) for fit in (with_a_reason, by_keras))
    assert_alike(ours, theirs)
    assert list((tmp_path / "with_a_reason").rglob("events.out*"))
