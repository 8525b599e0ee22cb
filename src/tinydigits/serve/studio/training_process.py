"""The process of one training: `python -m tinydigits.serve.studio.training_process`, private to `process.py`.

Its order is a line of JSON on stdin. It answers with a line each: `{"part"}` and `{"epoch"}`, how far a seed is;
`{"note"}`; and at last `{"done"}` with the run's report, or `{"error"}`. SIGTERM ends it tidily, and so does the end of
stdin: then the server has gone. A state of the training is kept after each epoch.
"""

import json
import math
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from tinydigits.errors import EngineError, TinydigitsError
from tinydigits.serve.studio.order import Order
from tinydigits.system.crew_member import claimed_stdout, say
from tinydigits.system.interruption import deferred_interruptions, exit_code, exit_when_told
from tinydigits.system.progress import Progress

# Points of each seed's curve within epochs, in all; each epoch's end comes besides.
POINTS = 400
# The server's answers come before a training: the process is as "nice" as this.
NICENESS = 5
# Seconds to end tidily once the server has gone.
LAST_SECONDS = 2.0
Tell = Callable[[dict[str, Any]], None]


def main() -> None:
    """Carry out the order on stdin."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then ends this
    exit_when_told()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    answers = claimed_stdout()
    order = json.loads(sys.stdin.readline())
    Thread(target=end_with_server, daemon=True).start()
    try:
        with deferred_interruptions():
            say(answers, carry_out(order, partial(say, answers)))
    except SystemExit:
        os._exit(exit_code(signal.SIGTERM))  # without the second that TensorFlow takes to leave
    os._exit(0)


def end_with_server() -> None:
    """End tidily when stdin does, or, if that takes too long, at once with all that was started."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_SECONDS)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():  # a C compiler may be in the group
        os.killpg(0, signal.SIGKILL)
    os._exit(exit_code(signal.SIGKILL))


def carry_out(order: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Returns the last answer. Any error becomes one."""
    try:
        return {"done": trained(Order(**order["order"]), Path(order["folder"]), order["resume"], tell)}
    except TinydigitsError as error:
        return {"error": str(error)}
    except Exception as error:  # whatever Keras raises has to reach the page
        return {"error": f"{type(error).__name__}: {error}"}


def trained(order: Order, folder: Path, resume: bool, tell: Tell) -> dict[str, Any]:
    """Trains into `folder`; returns what `train --json` prints."""
    from tinydigits.training.seeds import train_seeds
    from tinydigits.training.train import train

    def fall_back(reason: EngineError) -> None:
        tell({"note": f"Keras trains this net, not the native engine. {reason}"})

    show = thinned(order.epochs, tell)
    settings: dict[str, Any] = {
        "folder": folder,
        "checkpoint_every": 1,
        "resume": resume,
        "on_fallback": fall_back,
    }
    recipe = order.changed_recipe()
    if order.seeds > 1:
        return train_seeds(recipe, range(order.seed, order.seed + order.seeds), on_progress=show, **settings)
    return train(recipe, seed=order.seed, on_progress=partial(show, order.seed), **settings).as_json()


def thinned(epochs: int, tell: Tell) -> Callable[[int, Progress], None]:
    """Returns what tells of the progress of seeds: each epoch, and `POINTS` parts of all epochs at most."""
    told: dict[int, float] = {}

    def show(seed: int, progress: Progress) -> None:
        if not progress.epoch_ended and progress.fraction - told.get(seed, 0.0) < 1 / POINTS:
            return
        told[seed] = progress.fraction
        values = {"loss": progress.loss, "accuracy": progress.accuracy}
        if progress.epoch_ended:
            values["validation_accuracy"] = progress.validation_accuracy
        at = progress.epoch if progress.epoch_ended else round(progress.fraction * epochs, 4)
        kind = "epoch" if progress.epoch_ended else "part"
        tell({kind: {"seed": seed, "at": at, **{name: plain(value) for name, value in values.items()}}})

    return show


def plain(value: float | None) -> float | None:
    """Returns a number of six digits; None for what is no number, which JSON does not know."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")


if __name__ == "__main__":
    main()
