"""A crew of worker processes: plain Python programs that take orders and answer over pipes, JSON values, one per line.

So nothing is forked after TensorFlow has started threads, nothing is pickled, and a caller's script needs no
`if __name__ == "__main__"`. A worker reads an order from stdin and may answer any number of lines; one that holds
"done" or "error" ends the order. It must end when its stdin does: nobody is left to work for.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

from tinydigits.system.interruption import ASK_SECONDS, obey_interruptions

# Environment of a worker: one thread for our engine, NumPy and PyTorch, for TensorFlow, and for JAX.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "NPROC": "1"}
# Seconds that a worker may take to stop what it has started and end, before it is killed.
PATIENCE = 1.0
# Keys of an answer after which a worker is free.
LAST = {"done", "error"}

Work = TypeVar("Work")
Answer = dict[str, Any]


@dataclass(frozen=True)
class Death:
    """A worker ended while it had an order; `how` says so in words: "by signal 9 (SIGKILL)"."""

    how: str


class Worker:
    """A process that takes orders."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], inbox: Inbox) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            encoding="utf-8",
            start_new_session=True,  # a terminal's Ctrl-C reaches the parent alone, which then ends all
        )
        Thread(target=self._listen, args=(inbox,), daemon=True).start()

    def _listen(self, inbox: Inbox) -> None:
        """Puts the answers of the process into the inbox; None when it has ended."""
        assert self._process.stdout is not None
        with self._process.stdout as answers, suppress(ValueError):  # a line cut short by its end
            for line in answers:
                inbox.put((self, json.loads(line)))
        inbox.put((self, None))

    def begin(self, order: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended, which its inbox will say
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()

    def death(self) -> Death:
        """Waits for the process to end, and says how it did."""
        code = self._process.wait()
        return Death(f"by signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"with exit status {code}")

    def ask_to_end(self) -> None:
        self._process.terminate()

    def end(self, patience: float) -> None:
        """Waits `patience` seconds for the process to end, then kills it and everything that it has started."""
        try:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            with suppress(BrokenPipeError):
                if self._process.stdin is not None:
                    self._process.stdin.close()


Inbox = SimpleQueue[tuple[Worker, Answer | None]]


class Crew(Generic[Work]):
    """At most `count` workers; each is started when there is work for it. One that died is replaced by the next order.

    Args:
        command: Python's arguments for a worker.
    """

    def __init__(self, count: int, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._count, self._command, self._environment = count, command, environment
        self._inbox: Inbox = SimpleQueue()
        self._idle: list[Worker] = []
        self._busy: dict[Worker, Work] = {}

    @property
    def working(self) -> bool:
        return bool(self._busy)

    @property
    def has_room(self) -> bool:
        """Whether a worker is free, or may be started."""
        return len(self._busy) < self._count

    def begin(self, work: Work, order: Mapping[str, Any]) -> None:
        """Gives an order to a free worker; `work` is what `next_answer` calls it."""
        worker = self._idle.pop() if self._idle else Worker(self._command, self._environment, self._inbox)
        self._busy[worker] = work
        worker.begin(order)

    def next_answer(self) -> tuple[Work, Answer | Death]:
        """Waits for the next answer to an order, for the death of a worker that has one, or for an interruption."""
        while True:
            worker, answer = self._next_message()
            if worker not in self._busy:  # it died without work
                self._idle = [each for each in self._idle if each is not worker]
                continue
            work = self._busy[worker]
            if answer is None:
                del self._busy[worker]
                death = worker.death()
                worker.end(0.0)
                return work, death
            if LAST & answer.keys():
                del self._busy[worker]
                self._idle.append(worker)
            return work, answer

    def _next_message(self) -> tuple[Worker, Answer | None]:
        while True:
            obey_interruptions()
            with suppress(Empty):
                return self._inbox.get(timeout=ASK_SECONDS)

    def end(self) -> None:
        """Ends all workers, within about a second."""
        workers = [*self._idle, *self._busy]
        for worker in workers:
            worker.ask_to_end()
        deadline = time.monotonic() + PATIENCE
        for worker in workers:
            worker.end(max(0.0, deadline - time.monotonic()))


@contextmanager
def crew_of(crew: Crew[Work]) -> Iterator[Crew[Work]]:
    """Gives a crew; at the end, all its processes have ended."""
    try:
        yield crew
    finally:
        crew.end()


def worker_environment(**others: str) -> dict[str, str]:
    """Returns the environment of a worker: this process', with the same tinydigits, one thread, and `others`."""
    package = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    return {**os.environ, **ONE_THREAD, **others, "PYTHONPATH": path}
