"""A signal reaches whoever trains, also where it arrives in a place that swallows exceptions."""

import gc
import signal

import pytest

from tinydigits.system.interruption import noting, obey


class Cycle:
    """Garbage that only the collector finds; its finalizer stands for a callback in which a signal arrives."""

    def __init__(self):
        self.itself = self

    def __del__(self):
        signal.raise_signal(signal.SIGINT)


def collect_garbage_with_a_signal_in_it():
    Cycle()
    gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_without_noting_a_signal_in_a_finalizer_is_swallowed():
    collect_garbage_with_a_signal_in_it()


def test_a_signal_in_a_finalizer_is_obeyed_at_the_next_safe_moment():
    reached = []
    with pytest.raises(KeyboardInterrupt), noting():
        collect_garbage_with_a_signal_in_it()
        reached.append("after the signal")
        obey()
        reached.append("after obeying it")
    assert reached == ["after the signal"]


def test_a_signal_that_nobody_obeyed_is_raised_at_the_end():
    with pytest.raises(KeyboardInterrupt), noting():
        signal.raise_signal(signal.SIGINT)


def test_the_second_signal_is_obeyed_at_once():
    reached = []
    with pytest.raises(KeyboardInterrupt), noting():
        signal.raise_signal(signal.SIGINT)
        reached.append("after the first")
        signal.raise_signal(signal.SIGINT)
        reached.append("after the second")
    assert reached == ["after the first"]


def test_handlers_are_as_before_in_the_end():
    before = signal.getsignal(signal.SIGINT)
    with noting(), noting():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_without_a_handler_of_pythons_keeps_its_meaning():
    before = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with noting():
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)
