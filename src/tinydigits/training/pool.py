"""Runs many trainings in parallel: one process per core, each with one thread, each doing one training at a time.

The processes are plain `python -m tinydigits.training.worker` and exchange JSON lines over pipes. So nothing is forked
after TensorFlow has started threads, nothing is pickled, and a caller's script needs no `if __name__ == "__main__"`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from tinydigits.errors import EngineError, TrainingError
from tinydigits.system import backend
from tinydigits.system.cores import available_cores
from tinydigits.system.interruption import ASK_SECONDS, obey_interruptions
from tinydigits.system.progress import OnProgress, Progress
from tinydigits.training import messages
from tinydigits.training.task import Task
from tinydigits.training.train import trained_into

# Environment of a worker: one thread for our engine, NumPy and PyTorch, for TensorFlow, and for JAX.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "NPROC": "1"}
# Python's arguments in a worker's process.
WORKER = ("-P", "-m", "tinydigits.training.worker")
# Memory for one worker, in bytes. It needs 0.67 GB at MNIST's size, nearly all of it for TensorFlow.
WORKER_BYTES = 1_000_000_000
# Seconds that a worker may take to stop a C compiler and end, before it is killed.
PATIENCE = 1.0


Finished = Generator[tuple[Task, dict[str, Any]], None, None]
OnTask = Callable[[Task, Progress], None]


def trainings(tasks: Sequence[Task], scratch: Path, on_progress: OnTask | None = None) -> Finished:
    """Yields each task with its run's report when it is finished. All tasks have the same data and engine.

    Where there are two cores, memory for two and two tasks that can be spoken of, they go to processes. The rest is
    trained here, one after the other. Close the generator to end the processes early.

    Args:
        scratch: a folder for what the processes need to be given.
        on_progress: called with a task and the progress of its training, from this thread.

    Raises:
        TrainingError: a process ended on its own. Otherwise what `train` raises.
    """
    apart = [task for task in tasks if task.recipe_text is not None]
    workers = min(available_cores(), room(), len(apart)) if sys.executable else 1
    if workers < 2:
        apart = []
    else:
        yield from trained_apart(apart, workers, scratch, on_progress)
    for task in tasks:
        if task not in apart:
            task.folder.mkdir()
            told = partial(on_progress, task) if on_progress else None
            yield task, trained_into(task.folder, task.named, task.job, task.seed, told, task.checkpoint).as_json()


def room() -> int:
    """Returns how many workers fit in this machine's memory."""
    if not hasattr(os, "sysconf"):
        return 1
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // WORKER_BYTES


def trained_apart(tasks: Sequence[Task], workers: int, scratch: Path, on_progress: OnTask | None) -> Finished:
    """Trains the tasks in `workers` processes."""
    waiting, splits = deque(tasks), tasks[0].job.splits
    data = None if splits is None else scratch / "data.npz"
    if splits is not None and data is not None:
        messages.write_splits(data, splits)
    with staff(workers) as (crew, inbox):
        for worker in crew:
            worker.begin(waiting.popleft(), data, on_progress)
        while any(worker.task for worker in crew):
            worker, message = next_message(inbox)
            task, report = worker.task, worker.heed(message)
            if task and report:
                worker.task = None
                if waiting:
                    worker.begin(waiting.popleft(), data, on_progress)
                yield task, report


@contextmanager
def staff(count: int) -> Iterator[tuple[list[Worker], Inbox]]:
    """Starts `count` processes and gives them with their inbox. At the end, all have ended."""
    inbox: Inbox = SimpleQueue()
    environment = worker_environment()
    crew: list[Worker] = []
    try:
        for _ in range(count):
            crew.append(Worker(inbox, environment))
        yield crew, inbox
    finally:
        end(crew)


def worker_environment() -> dict[str, str]:
    """Returns the environment of a worker: this process', with the same backend and tinydigits, and one thread.

    Raises:
        MissingDependencyError: as `backend.prepare`.
    """
    package = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    return {**os.environ, **ONE_THREAD, "KERAS_BACKEND": backend.prepare(), "PYTHONPATH": path}


class Worker:
    """A process that trains, seen from the pool.

    Attributes:
        task: the task that it works on; None if it is idle.
    """

    def __init__(self, inbox: Inbox, environment: dict[str, str]) -> None:
        self.task: Task | None = None
        self._show: OnProgress | None = None
        self._process = subprocess.Popen(
            [sys.executable, *WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            encoding="utf-8",
            start_new_session=True,  # a terminal's Ctrl-C reaches the parent alone, which then ends all
        )
        Thread(target=self._listen, args=(inbox,), daemon=True).start()

    def _listen(self, inbox: Inbox) -> None:
        """Puts the messages of the process into the inbox; None when it has ended."""
        assert self._process.stdout is not None
        with self._process.stdout as answers, suppress(ValueError):  # a line cut short by its end
            for line in answers:
                inbox.put((self, json.loads(line)))
        inbox.put((self, None))

    def begin(self, task: Task, data: Path | None, on_progress: OnTask | None) -> None:
        self.task = task
        self._show = partial(on_progress, task) if on_progress else None
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended, which its inbox will say
            self._process.stdin.write(json.dumps(task.order(data)) + "\n")
            self._process.stdin.flush()

    def heed(self, message: dict[str, Any] | None) -> dict[str, Any] | None:
        """Acts on a message. Returns the report of the run if the message says that it is finished.

        Raises:
            TinydigitsError: the error that ended the training.
        """
        if self.task is None:
            return None
        if message is None:
            raise self._death(self.task)
        if "error" in message:
            raise messages.error_from_json(message["error"])
        if "fallback" in message:
            reason = messages.error_from_json(message["fallback"])
            assert isinstance(reason, EngineError)
            self.task.job.on_fallback(reason)
        if "progress" in message and self._show:
            self._show(messages.progress_from_json(message["progress"]))
        return message.get("done")

    def _death(self, task: Task) -> TrainingError:
        code = self._process.wait()
        how = f"by signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"with exit status {code}"
        return TrainingError(
            f"training `{task.job.recipe.name}` with seed {task.seed}",
            found=f"its process ended {how}",
            expected="a process that trains to the end",
            fix="If the memory ran out, allow fewer at once (`taskset -c 0` allows one); finished seeds are kept.",
        )

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


Message = tuple[Worker, dict[str, Any] | None]
Inbox = SimpleQueue[Message]


def next_message(inbox: Inbox) -> Message:
    """Waits for the next message of any process, or for an interruption."""
    while True:
        obey_interruptions()
        with suppress(Empty):
            return inbox.get(timeout=ASK_SECONDS)


def end(crew: Sequence[Worker]) -> None:
    """Ends all processes, within about a second."""
    for worker in crew:
        worker.ask_to_end()
    deadline = time.monotonic() + PATIENCE
    for worker in crew:
        worker.end(max(0.0, deadline - time.monotonic()))
