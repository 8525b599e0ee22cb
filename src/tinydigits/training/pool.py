"""Runs many trainings in parallel: one process per core, each with one thread, each doing one training at a time.

The processes are `python -m tinydigits.training.worker`; `system/crew.py` speaks with them.
"""

from __future__ import annotations

import os
import sys
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from tinydigits.errors import EngineError, TinydigitsError, WorkerDiedError
from tinydigits.system import backend
from tinydigits.system.cores import available_cores
from tinydigits.system.crew import Answer, Crew, Death, crew_of, worker_environment
from tinydigits.system.progress import Progress
from tinydigits.training import messages
from tinydigits.training.measured import measured
from tinydigits.training.task import Task, failure
from tinydigits.training.train import trained_into

# Python's arguments in a worker's process.
WORKER = ("-P", "-m", "tinydigits.training.worker")
# Memory for one worker, in bytes. It needs 0.67 GB at MNIST's size, nearly all of it for TensorFlow.
WORKER_BYTES = 1_000_000_000

Report = dict[str, Any]
# What became of a task: its run's report, or why there is none.
Outcome = Report | TinydigitsError
Finished = Generator[tuple[Task, Report], None, None]
Ended = Generator[tuple[Task, Outcome], None, None]
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
    with closing(outcomes(tasks, scratch, on_progress)) as ended:
        for task, outcome in ended:
            if isinstance(outcome, TinydigitsError):
                raise outcome
            yield task, outcome


def outcomes(tasks: Sequence[Task], scratch: Path, on_progress: OnTask | None = None, *, retries: int = 0) -> Ended:
    """As `trainings`, but yields an error of a training, and goes on with the others.

    Args:
        retries: how often a training is begun again whose process was killed.
    """
    apart = [task for task in tasks if task.recipe_text is not None]
    workers = min(available_cores(), room(), len(apart)) if sys.executable else 1
    if workers < 2:
        apart = []
    else:
        yield from trained_apart(apart, workers, scratch, on_progress, retries)
    for task in tasks:
        if task not in apart:
            yield task, trained_here(task, partial(on_progress, task) if on_progress else None)


def room() -> int:
    """Returns how many workers fit in this machine's memory."""
    if not hasattr(os, "sysconf"):
        return 1
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // WORKER_BYTES


def trained_here(task: Task, on_progress: Callable[[Progress], None] | None) -> Outcome:
    try:
        if task.place is None:
            return measured(task.job, task.seed, on_progress, task.checkpoint)
        task.place.folder.mkdir()
        run = trained_into(task.place.folder, task.place.named, task.job, task.seed, on_progress, task.checkpoint)
        return run.as_json()
    except TinydigitsError as error:
        return error
    except Exception as error:
        if task.place is not None or isinstance(error, OSError):
            raise
        return failure(task.job.recipe.name, task.seed, error)


def trained_apart(
    tasks: Sequence[Task], workers: int, scratch: Path, on_progress: OnTask | None, retries: int
) -> Ended:
    """Trains the tasks in `workers` processes."""
    waiting, splits = deque(tasks), tasks[0].job.splits
    data = None if splits is None else scratch / "data.npz"
    if splits is not None and data is not None:
        messages.write_splits(data, splits)
    deaths: Counter[Task] = Counter()
    environment = worker_environment(KERAS_BACKEND=backend.prepare())
    with crew_of(Crew[Task](workers, WORKER, environment)) as crew:
        ended: tuple[Task, Outcome] | None = None
        while waiting or crew.working:
            while waiting and crew.has_room:
                task = waiting.popleft()
                crew.begin(task, task.order(data))
            if ended:  # nobody is idle while it is looked at
                yield ended
            task, answer = crew.next_answer()
            deaths[task] += isinstance(answer, Death)
            if isinstance(answer, Death) and deaths[task] <= retries:
                waiting.appendleft(task)
            outcome = None if task in waiting else outcome_in(answer, task, on_progress)
            ended = None if outcome is None else (task, outcome)
    if ended:
        yield ended


def outcome_in(answer: Answer | Death, task: Task, on_progress: OnTask | None) -> Outcome | None:
    """Acts on an answer. Returns what became of the task if the answer says that."""
    if isinstance(answer, Death):
        return died(task, answer)
    if "error" in answer:
        return messages.error_from_json(answer["error"])
    if "fallback" in answer:
        reason = messages.error_from_json(answer["fallback"])
        assert isinstance(reason, EngineError)
        task.job.on_fallback(reason)
    if "progress" in answer and on_progress:
        on_progress(task, messages.progress_from_json(answer["progress"]))
    return answer.get("done")


def died(task: Task, death: Death) -> WorkerDiedError:
    return WorkerDiedError(
        f"training `{task.job.recipe.name}` with seed {task.seed}",
        found=f"its process ended {death.how}",
        expected="a process that trains to the end",
        fix="If the memory ran out, allow fewer at once (`taskset -c 0` allows one); finished seeds are kept.",
    )
