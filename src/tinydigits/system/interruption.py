"""Ctrl-C and requests to end, obeyed at moments that are safe.

Python runs a signal's handler between any two of its instructions, also inside a callback of the garbage collector or
of TensorFlow. An exception that is raised there is printed and forgotten, and the training runs on. So while a training
runs, the handler only notes the signal; the training calls `obey` between slices or batches, where the exception
reaches whoever called.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

# Signals that were noted and not yet obeyed, in the order in which they came.
noted: list[int] = []
# The handlers that were in force before; empty while signals are not being noted.
previous: dict[int, Callable[[int, Any], Any]] = {}


@contextmanager
def noting() -> Iterator[None]:
    """Inside, a signal that has a Python handler is noted, and obeyed by the next `obey`, or at the end.

    The second signal calls its handler at once, whatever the moment. Does nothing outside the main thread, where Python
    delivers no signals, and inside another `noting`.
    """
    if previous or threading.current_thread() is not threading.main_thread():
        yield
        return
    previous.update({number: handler for number in SIGNALS if callable(handler := signal.getsignal(number))})
    for number in previous:
        signal.signal(number, note)
    try:
        yield
    finally:
        handlers, waiting = dict(previous), noted.copy()
        for number, handler in handlers.items():
            signal.signal(number, handler)
        previous.clear()
        noted.clear()
        for number in waiting[:1]:
            handlers[number](number, None)


def note(number: int, frame: Any) -> None:
    """The handler while signals are noted."""
    if noted:
        previous[number](number, frame)
    noted.append(number)


def obey() -> None:
    """Call the handler of a noted signal, which raises KeyboardInterrupt or SystemExit; nothing without one."""
    if noted and threading.current_thread() is threading.main_thread():
        number = noted.pop()
        previous[number](number, None)


def obeying_callback() -> keras.callbacks.Callback:
    """A Keras callback that calls `obey` after each batch and each epoch."""
    import keras

    class Obey(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            obey()

        def on_test_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            obey()

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            obey()

    return Obey()
