"""Trainings that end early leave a model that can be used."""

import signal
import subprocess
import sys
import threading
import time
import weakref

import keras
import numpy as np
import pytest

from helpers.native import fit
from helpers.small_models import pairs, small_model
from tinydigits.engine import fit as native
from tinydigits.engine.keras import state as keras_state
from tinydigits.errors import CompilerError, NonFiniteError
from tinydigits.system import interruption
from tinydigits.training import fit as front


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


def in_a_weakref_callback():
    """Send Ctrl-C where Python prints and forgets whatever its handler raises."""
    thing = type("Thing", (), {})()
    reference = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
    del thing
    assert reference() is None


def pressed_in(epoch, send):
    """A callback that sends Ctrl-C at the end of the epoch, counted from 0."""
    return keras.callbacks.LambdaCallback(on_epoch_end=lambda number, logs: send() if number == epoch else None)


def test_ctrl_c_stops_at_the_next_slice_with_the_last_whole_epoch():
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


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("engine", ["native", "keras"])
def test_ctrl_c_is_obeyed_where_exceptions_are_lost(engine, monkeypatch):
    settings = {"epochs": 5, "callbacks": [pressed_in(1, in_a_weakref_callback)], "engine": engine}
    model = small_model()
    with pytest.raises(KeyboardInterrupt):
        front.fit(model, *pairs(64), **settings)
    assert model.optimizer.iterations == 2 * 2
    monkeypatch.setattr(interruption, "SIGNALS", ())  # the control: nothing is noted
    model = small_model()
    front.fit(model, *pairs(64), **settings)
    assert model.optimizer.iterations == 5 * 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("engine", ["native", "keras"])
def test_being_told_to_end_ends_a_training_as_shells_report_it(engine, number):
    model = small_model()
    told = pressed_in(1, lambda: signal.raise_signal(number))
    with pytest.raises(SystemExit) as end:
        front.fit(model, *pairs(64), epochs=5, callbacks=[told], engine=engine)
    assert end.value.code == 128 + number
    assert model.optimizer.iterations == 2 * 2


def test_ctrl_c_stops_keras_own_fit_within_an_epoch():
    model, sent = small_model(), []

    def send(batch, logs):
        if batch == 3 and not sent:
            sent.append(batch)
            in_a_weakref_callback()

    press = keras.callbacks.LambdaCallback(on_train_batch_end=send)
    with pytest.raises(KeyboardInterrupt):
        front.fit(model, *pairs(640), epochs=2, callbacks=[press], engine="keras")
    assert sent == [3]
    assert model.optimizer.iterations == 4


def test_ctrl_c_that_ends_the_compiler_is_no_reason_to_train_by_keras(monkeypatch):
    def interrupted(*_):
        signal.raise_signal(signal.SIGINT)
        raise CompilerError("cc", found="exit status 2", expected="a shared library", fix="Try again.")

    monkeypatch.setattr(native, "build", interrupted)
    told = []
    with pytest.raises(KeyboardInterrupt):
        front.fit(small_model(), *pairs(64), on_fallback=told.append)
    assert told == []


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
