"""A worker's side of a crew: it carries out orders from stdin, a line each, until stdin ends."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TextIO

from tinydigits.system.interruption import (
    ASK_SECONDS,
    deferred_interruptions,
    exit_code,
    exit_when_told,
    obey_interruptions,
)
from tinydigits.system.notes import print_notes_as_lines

TERMINATED = exit_code(signal.SIGTERM)

Order = dict[str, Any]
Tell = Callable[[dict[str, Any]], None]


def work(carry_out: Callable[[Order, Tell], dict[str, Any]]) -> None:
    """Carries out orders until stdin ends.

    Args:
        carry_out: takes an order and a function that sends an answer; returns the last answer.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends this
    exit_when_told()
    print_notes_as_lines()
    answers = claimed_stdout()
    orders: SimpleQueue[str] = SimpleQueue()
    Thread(target=listen, args=(orders,), daemon=True).start()
    try:
        with deferred_interruptions():
            while True:
                say(answers, carry_out(json.loads(next_order(orders)), partial(say, answers)))
    except SystemExit:
        os._exit(TERMINATED)  # without the second that TensorFlow takes to leave


def claimed_stdout() -> TextIO:
    """Returns the pipe to the parent. From now on it carries answers only: other output goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def listen(orders: SimpleQueue[str]) -> None:
    """Passes lines of stdin on; ends the process and its children when stdin ends."""
    for line in sys.stdin:
        orders.put(line)
    if os.getpgrp() == os.getpid():  # the crew makes each worker the head of a group: a C compiler may be in it
        os.killpg(0, signal.SIGKILL)
    os._exit(TERMINATED)


def next_order(orders: SimpleQueue[str]) -> str:
    """Waits for an order, or for an interruption."""
    while True:
        obey_interruptions()
        with suppress(Empty):
            return orders.get(timeout=ASK_SECONDS)


def say(answers: TextIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
