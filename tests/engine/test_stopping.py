"""Trainings that end early leave a model that can be used."""

import signal
import subprocess
import sys
import threading
import time

import keras
import numpy as np
import pytest

from helpers.native import fit
from helpers.small_models import pairs, small_model
from tinydigits.engine.keras import state as keras_state
from tinydigits.errors import NonFiniteError


def all_finite(model):
    return all(np.isfinite(weight).all() for weight in model.get_weights())


def test_an_infinite_loss_stops_with_epoch_and_step_and_keeps_the_weights_before_it():
    # Four steps of 16 an epoch; the image that breaks everything comes third.
    x, y = pairs(64)
    x[40] = np.inf
    model, until_then = small_model("sgd"), small_model("sgd")
    with pytest.raises(NonFiniteError, match="epoch 1, step 3"):
        fit(model, x, y, batch_size=16, shuffle=False)
    fit(until_then, x[:32], y[:32], batch_size=16, shuffle=False)
    for ours, expected in zip(model.get_weights(), until_then.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize("optimizer", [keras.optimizers.SGD(1e38), keras.optimizers.SGD(1e38, momentum=0.9)])
def test_weights_that_overflow_stop_before_they_are_kept(optimizer):
    model = small_model()
    model.compile(optimizer=optimizer, loss="mean_squared_error")
    with pytest.raises(NonFiniteError, match=r"epoch \d+, step \d+"):
        fit(model, *pairs(64), epochs=50)
    assert all_finite(model)


def test_no_epochs_change_nothing():
    model = small_model()
    before = model.get_weights()
    assert fit(model, *pairs(20), epochs=0).history == {}
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_ctrl_c_stops_with_the_last_whole_epoch():
    model, again = small_model(), small_model()
    images, targets = pairs(20_000)
    fit(small_model(), images[:20], targets[:20])  # compiled beforehand
    threading.Timer(0.5, signal.raise_signal, [signal.SIGINT]).start()
    with pytest.raises(KeyboardInterrupt):
        fit(model, images, targets, epochs=10_000)
    epochs, rest = divmod(int(model.optimizer.iterations), 20_000 // 32)
    assert rest == 0
    assert epochs < 10_000
    fit(again, images, targets, epochs=epochs)
    for ours, expected in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_ctrl_c_while_weights_are_written_leaves_them_whole(monkeypatch):
    model, whole, interrupts = small_model(), small_model(), iter([True, False])
    assign = keras_state.assign

    def interrupted(variables, values):
        assign(variables[:1], values[:1])
        if next(interrupts, False):
            raise KeyboardInterrupt
        assign(variables, values)

    fit(whole, *pairs(20))
    monkeypatch.setattr(keras_state, "assign", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fit(model, *pairs(20))
    for ours, expected in zip(model.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_the_interpreter_runs_on_while_c_works():
    counted, done = 0, threading.Event()

    def count():
        nonlocal counted
        while not done.is_set():
            counted += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    fit(small_model(), *pairs(100_000), epochs=3)
    done.set()
    thread.join()
    assert counted > 20


def test_loading_a_compiled_net_leaves_the_processs_arithmetic_alone(cache):
    code = (
        "import ctypes, pathlib, numpy as np\n"
        f"for file in pathlib.Path({str(cache)!r}).glob('*.so'): ctypes.CDLL(str(file))\n"
        "assert (np.float32(1e-38) * np.float32(1e-3)) > 0, 'denormal numbers are flushed to zero'"
    )
    fit(small_model(), *pairs(20))
    subprocess.run([sys.executable, "-c", code], check=True)
