"""Interruptions wait for a safe point: Ctrl-C, SIGTERM and SIGHUP are noted first, and obeyed where that is safe.

Python runs a signal's handler wherever the main thread happens to be. In a weakref's callback, in a callback of the
garbage collector or in some of TensorFlow's functions, whatever the handler raises is printed and lost, and the
training goes on to its end. Here the handler only notes the signal; the training asks, many times a second.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

# Signals that ask a process to end, as far as this system has them; Ctrl-C last, so that it is restored last.
SIGNALS = tuple(getattr(signal, name) for name in ("SIGHUP", "SIGTERM", "SIGINT") if hasattr(signal, name))
# How often whoever waits for something else has to ask, in seconds.
ASK_SECONDS = 0.1
# What Python calls when a signal arrives.
Handler = Callable[[int, Any], Any]


class Deferral:
    """Signals that are noted in place of being handled.

    Attributes:
        previous: the handler that each signal had before, or SIG_DFL; signals that were ignored are left alone.
        noted: signals that arrived and were not obeyed yet, in order.
    """

    def __init__(self) -> None:
        self.previous: dict[int, Handler | signal.Handlers] = {}
        self.noted: list[int] = []

    def install(self) -> None:
        for number in SIGNALS:
            handler = signal.getsignal(number)
            if callable(handler) or handler is signal.SIG_DFL:
                self.previous[number] = handler
                signal.signal(number, self.note)

    def restore(self) -> None:
        """Put the handlers back, but for those that someone else has replaced meanwhile."""
        for number, handler in self.previous.items():
            if signal.getsignal(number) == self.note:
                signal.signal(number, handler)

    def note(self, number: int, frame: Any) -> None:
        """Handle a signal: note it; a second one, before the first was obeyed, has its old effect at once."""
        if number not in self.noted:
            self.noted.append(number)
            return
        self.noted.remove(number)
        handler = self.previous[number]
        signal.signal(number, handler)
        if callable(handler):
            handler(number, frame)
        else:
            signal.raise_signal(number)

    def obey(self) -> None:
        """Do what the noted signals ask for."""
        numbers, self.noted = self.noted, []
        for number in numbers:
            obey(number, self.previous[number], None)


# The deferral under way, if any.
ACTIVE: list[Deferral] = []


@contextmanager
def deferred_interruptions() -> Iterator[None]:
    """Note Ctrl-C, SIGTERM and SIGHUP within the block; `obey_interruptions` acts on them there, and the end does.

    A signal then does what it would have done without this: its handler is called; where it had none, SystemExit
    (128 + its number) is raised. A second one of the same kind, before that, has its old effect at once.
    Signals that are ignored stay so. Within another such block, or outside of the main thread, where Python handles no
    signals, this changes nothing.
    """
    if not in_main_thread():
        yield
        return
    if ACTIVE:
        yield
        obey_interruptions()
        return
    deferral = Deferral()
    try:
        ACTIVE.append(deferral)
        deferral.install()
        yield
    finally:
        ACTIVE.clear()
        deferral.restore()
        deferral.obey()


def obey_interruptions() -> None:
    """Act on signals that were noted: call where the work can stop.

    Raises:
        KeyboardInterrupt, SystemExit: one of them came.
    """
    if ACTIVE and ACTIVE[0].noted and in_main_thread():
        ACTIVE[0].obey()


def in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def obey(number: int, handler: Handler | signal.Handlers, frame: Any) -> None:
    """Do what a signal does; where it would end the process on the spot, raise, so that nothing half-done is left."""
    if callable(handler):
        handler(number, frame)
    elif number == signal.SIGINT:
        raise KeyboardInterrupt
    else:
        raise SystemExit(exit_code(number))


def exit_code(number: int) -> int:
    """The exit code of a process that a signal ended, as shells report it."""
    return 128 + number


def exit_when_told() -> None:
    """Have SIGTERM and SIGHUP raise SystemExit, where they would end this process on the spot."""
    for number in SIGNALS:
        if signal.getsignal(number) is signal.SIG_DFL:  # `nohup` has SIGHUP ignored
            signal.signal(number, lambda number, frame: obey(number, signal.SIG_DFL, frame))


def interruption_callback() -> keras.callbacks.Callback:
    """A callback that obeys interruptions during Keras' own `fit`, before each batch and around each epoch.

    Not after a batch: for a callback that waits there, Keras fetches the batch's loss first.
    """
    import keras

    class Interruption(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
            obey_interruptions()

        def on_test_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
            obey_interruptions()

        def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            obey_interruptions()

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            obey_interruptions()

    return Interruption()
