"""One process of a pool: `python -m tinydigits.training.worker` does one training for each line on stdin.

Private to `pool.py`. An order is what `Task.order` makes. Answers, a line each, are `{"progress"}` and `{"fallback"}`,
any number of times, and then `{"done"}` with the run's report or `{"error"}`. What a recipe file prints goes to stderr.
The process ends, at once and with all that it started, when its stdin does: nobody is left to train for.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TextIO

from tinydigits.data.dataset import Splits
from tinydigits.errors import EngineError, TinydigitsError
from tinydigits.recipes.changes import changed
from tinydigits.recipes.load import recipe_from
from tinydigits.recipes.recipe import AnyRecipe
from tinydigits.system.atomic import explained
from tinydigits.system.interruption import (
    ASK_SECONDS,
    deferred_interruptions,
    exit_code,
    exit_when_told,
    obey_interruptions,
)
from tinydigits.system.notes import print_notes_as_lines
from tinydigits.system.progress import Progress
from tinydigits.training import messages
from tinydigits.training.measured import measured
from tinydigits.training.task import failure
from tinydigits.training.train import trained_into
from tinydigits.training.unsaved import Job

TERMINATED = exit_code(signal.SIGTERM)


def main() -> None:
    """Carries out orders until stdin ends."""
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
    if os.getpgrp() == os.getpid():  # the pool makes each worker the head of a group: a C compiler may be in it
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


def carry_out(order: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Does the training of an order. Any error becomes an answer."""

    def fall_back(reason: EngineError) -> None:
        tell({"fallback": messages.error_as_json(reason)})

    def show(progress: Progress) -> None:
        tell({"progress": messages.progress_as_json(progress)})

    try:
        recipe = recipe_of(order["recipe"], tuple(order["changes"].items()))
        job = Job(recipe, splits_of(order["data"]), order["engine"], fall_back, order["pixels"])
        if order["place"] is None:
            return {"done": measured(job, order["seed"], show)}
        folder, named = Path(order["place"]["folder"]), Path(order["place"]["named"])
        checkpoint = order["checkpoint"] and messages.checkpoint_from_json(order["checkpoint"])
        with explained(named):
            folder.mkdir()
            return {"done": trained_into(folder, named, job, order["seed"], show, checkpoint).as_json()}
    except TinydigitsError as error:
        return {"error": messages.error_as_json(error)}
    except Exception as error:  # whatever Keras or a recipe file raises has to reach the parent
        return {"error": messages.error_as_json(failure(order["recipe"], order["seed"], error))}


@cache
def recipe_of(text: str, changes: tuple[tuple[str, Any], ...]) -> AnyRecipe:
    """Loads a recipe that the parent has already checked, and changes it."""
    return changed(recipe_from(text, trial=False), dict(changes))


@cache
def splits_of(path: str | None) -> Splits | None:
    return None if path is None else messages.read_splits(Path(path))


if __name__ == "__main__":
    main()
