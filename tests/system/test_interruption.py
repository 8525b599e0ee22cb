"""Signals wait for a safe point. A control in most tests shows what happens to them without that."""

import gc
import os
import signal
import threading
import weakref

import pytest

from tinydigits.system.interruption import deferred_interruptions, obey_interruptions

ENDS = {signal.SIGINT: KeyboardInterrupt, signal.SIGTERM: SystemExit, signal.SIGHUP: SystemExit}
ROUNDS = 10


@pytest.fixture(autouse=True)
def handlers():
    """Raise what the command line raises; what was there comes back, whatever a test does."""
    before = {number: signal.getsignal(number) for number in ENDS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    yield {number: signal.getsignal(number) for number in ENDS}
    for number, handler in before.items():
        signal.signal(number, handler)


def leave(number, frame):
    raise SystemExit(128 + number)


class Thing:
    """What a weak reference can be made to."""


def in_a_weakref_callback(number):
    thing = Thing()
    reference = weakref.ref(thing, lambda _: signal.raise_signal(number))
    del thing
    assert reference() is None


def in_a_collector_callback(number):
    def collecting(phase, info):
        if phase == "start":
            signal.raise_signal(number)

    gc.callbacks.append(collecting)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(collecting)


def work(send, number, done):
    """Work in rounds, as a training does; the signal arrives in the third."""
    for turn in range(ROUNDS):
        if turn == 2:
            send(number)
        done.append(turn)
        obey_interruptions()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("number", ENDS)
@pytest.mark.parametrize("send", [in_a_weakref_callback, in_a_collector_callback])
def test_a_signal_where_exceptions_are_lost_stops_the_work_all_the_same(send, number):
    done, control = [], []
    work(send, number, control)
    assert len(control) == ROUNDS, "what the handler raised was not lost: this test shows nothing"
    with pytest.raises(ENDS[number]), deferred_interruptions():
        work(send, number, done)
    assert done == [0, 1, 2]


@pytest.mark.parametrize("number", ENDS)
def test_a_signal_waits_for_a_safe_point(number, handlers):
    reached = []
    with pytest.raises(ENDS[number]), deferred_interruptions():
        signal.raise_signal(number)
        reached.append("went on")
        obey_interruptions()
        reached.append("not reached")
    assert reached == ["went on"]
    assert {each: signal.getsignal(each) for each in ENDS} == handlers


@pytest.mark.parametrize("number", ENDS)
def test_a_signal_that_met_no_safe_point_is_obeyed_at_the_end(number):
    reached = []
    with pytest.raises(ENDS[number]), deferred_interruptions():
        signal.raise_signal(number)
        reached.append("went on")
    assert reached == ["went on"]


def test_a_signal_prevails_over_the_error_it_led_to():
    with pytest.raises(KeyboardInterrupt), deferred_interruptions():
        signal.raise_signal(signal.SIGINT)
        raise ValueError("the compiler was interrupted, too")


@pytest.mark.parametrize("number", ENDS)
def test_a_second_press_acts_at_once(number):
    reached = []
    with pytest.raises(ENDS[number]), deferred_interruptions():
        signal.raise_signal(number)
        reached.append("went on")
        signal.raise_signal(number)
        reached.append("not reached")
    assert reached == ["went on"]


def test_without_a_handler_termination_unwinds_first_and_kills_at_the_second_press():
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with pytest.raises(SystemExit) as end, deferred_interruptions():
        signal.raise_signal(signal.SIGTERM)
        obey_interruptions()
    assert end.value.code == 143
    child = os.fork()
    if child == 0:
        with deferred_interruptions():
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGTERM)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM


def test_a_handler_of_the_users_own_is_called_later_and_may_let_the_work_go_on():
    called = []
    signal.signal(signal.SIGTERM, lambda number, frame: called.append(number))
    with deferred_interruptions():
        signal.raise_signal(signal.SIGTERM)
        assert called == []
        obey_interruptions()
        assert called == [signal.SIGTERM]
        obey_interruptions()
    assert called == [signal.SIGTERM]


def test_an_ignored_signal_stays_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` has it
    with deferred_interruptions():
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        signal.raise_signal(signal.SIGHUP)
        obey_interruptions()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_a_handler_installed_within_stays():
    with deferred_interruptions():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


def test_blocks_within_blocks_are_one(handlers):
    reached = []
    with pytest.raises(KeyboardInterrupt), deferred_interruptions():
        with deferred_interruptions():
            signal.raise_signal(signal.SIGINT)
            reached.append("went on")
        reached.append("not reached")
    assert reached == ["went on"]
    assert {each: signal.getsignal(each) for each in ENDS} == handlers


def test_only_the_main_thread_obeys(handlers):
    found, failures = [], []

    def elsewhere():
        try:
            obey_interruptions()
            with deferred_interruptions():
                found.append(signal.getsignal(signal.SIGINT))
        except BaseException as error:  # a thread loses it otherwise
            failures.append(error)

    with pytest.raises(KeyboardInterrupt), deferred_interruptions():
        signal.raise_signal(signal.SIGINT)
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        obey_interruptions()
    assert (len(found), failures) == (1, [])
    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert found[1] is handlers[signal.SIGINT]
