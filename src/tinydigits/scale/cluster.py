"""Trains a sweep's runs on a Ray cluster: actors that stay alive, one core each."""

from __future__ import annotations

import os
import socket
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tinydigits.data.dataset import Splits
from tinydigits.errors import EngineError, MissingDependencyError, RecipeError, TrainingError
from tinydigits.scale.run import RETRIES, Batches, Train
from tinydigits.system import backend
from tinydigits.system.cores import available_cores
from tinydigits.system.crew import ONE_THREAD, Death
from tinydigits.system.interruption import ASK_SECONDS, obey_interruptions
from tinydigits.training import messages, worker
from tinydigits.training.pool import OnTask, Outcome, died
from tinydigits.training.task import Task

# Bytes of shared memory of a cluster that is started here: for the data set, of 55 MB where it is of MNIST's size.
OBJECT_STORE_BYTES = 100_000_000
# Seconds for a cluster to answer.
CONNECT_SECONDS = 10
# What is said where an actor cannot be started.
FIX = "Install the same version of tinydigits on every node, and have recipe files there under the same paths."

# Takes an order, a function to tell answers, and a data set; returns the last answer.
CarryOut = Callable[..., dict[str, Any]]


def ray_for(subject: object) -> Any:
    """Returns the module `ray`, which sends nothing about its use.

    Raises:
        MissingDependencyError: it is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise MissingDependencyError(
            subject, found="no Ray", expected="it to be installed", fix="Install it: pip install 'tinydigits[scale]'"
        ) from error
    return ray


@contextmanager
def cluster(address: str | None) -> Iterator[Any]:
    """Gives `ray`, connected to the cluster at `address`, or to one that lives as long as this block, on this machine.

    That one listens on the loopback alone, without a dashboard. A process that is connected already stays so.

    Raises:
        TrainingError: there is no cluster at the address.
    """
    ray = ray_for("a cluster")
    if ray.is_initialized():
        yield ray
        return
    quiet = {"log_to_driver": False, "logging_level": "error"}
    try:
        check_answers(address)
        if address is None:
            here = {"include_dashboard": False, "object_store_memory": OBJECT_STORE_BYTES}
            ray.init(address="local", _node_ip_address="127.0.0.1", num_cpus=available_cores(), **here, **quiet)
        else:
            ray.init(address=address, **quiet)
    except (OSError, RuntimeError, ValueError) as error:
        raise TrainingError(
            f"Ray at {address or 'this machine'}",
            found=f"{type(error).__name__}: {str(error).splitlines()[0]}",
            expected="a cluster",
            fix="Start one with `ray start --head`, and give --address HOST:PORT.",
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def check_answers(address: str | None) -> None:
    """Raises OSError or ValueError where nothing answers at HOST:PORT.

    Ray itself would try for minutes, and then end the process.
    """
    host, colon, port = (address or "").rpartition(":")
    if colon and "://" not in host:
        socket.create_connection((host, int(port)), CONNECT_SECONDS).close()


class Trainer:
    """An actor: a process on some node of the cluster that trains, one run at a time.

    Args:
        carry_out: does the training of an order.
        splits: what is trained on; MNIST where None.
        keras_backend: the name of Keras' backend.
    """

    def __init__(self, carry_out: CarryOut, splits: Splits | None, keras_backend: str) -> None:
        os.environ |= {**ONE_THREAD, "KERAS_BACKEND": keras_backend}
        self.carry_out, self.splits = carry_out, splits

    def ready(self) -> None:
        """Returns when the actor has been started."""

    def train(self, order: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Returns the last answer to an order, and why the native engine was left."""
        told: list[dict[str, Any]] = []
        answer = self.carry_out(order, told.append, self.splits)
        return answer, [each["fallback"] for each in told if "fallback" in each]


class Actors:
    """The actors of a sweep: as many as the cluster has cores for, and one more for each that dies.

    An actor is given work when it has been started: one for which there is no core any more holds up nothing.
    """

    def __init__(self, ray: Any, count: int, *arguments: Any) -> None:
        self._ray, self._arguments = ray, arguments
        self._class = ray.remote(num_cpus=1, max_restarts=0)(Trainer)
        self._starting: dict[Any, Any] = {}
        self._busy: dict[Any, tuple[Any, Task]] = {}
        self._idle: list[Any] = []
        self._failed_starts, self._most_failed = 0, 2 * count + 2
        for _ in range(count):
            self._start()

    def _start(self) -> None:
        actor = self._class.remote(*self._arguments)
        self._starting[actor.ready.remote()] = actor

    @property
    def working(self) -> bool:
        return bool(self._busy)

    @property
    def has_room(self) -> bool:
        return bool(self._idle)

    def begin(self, task: Task) -> None:
        actor = self._idle.pop()
        self._busy[actor.train.remote(task.order(None))] = actor, task

    def ended(self) -> list[tuple[Task, Any]]:
        """Waits for a moment; returns the tasks that have ended, with their answers, or with a `Death`.

        Raises:
            TrainingError: no actor can be started.
        """
        waited = [*self._starting, *self._busy]
        ready, _ = self._ray.wait(waited, num_returns=1, timeout=ASK_SECONDS)
        if ready:
            ready, _ = self._ray.wait(waited, num_returns=len(waited), timeout=0)
        for ref in ready:
            if ref in self._starting:
                self._started(ref)
        return [self._answer(ref) for ref in ready if ref in self._busy]

    def _started(self, ref: Any) -> None:
        actor = self._starting.pop(ref)
        try:
            self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            self._failed_starts += 1
            if self._failed_starts > self._most_failed:
                lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
                raise TrainingError("a Ray actor", found=lines[-1], expected="one that starts", fix=FIX) from error
            self._start()
            return
        self._failed_starts = 0
        self._idle.append(actor)

    def _answer(self, ref: Any) -> tuple[Task, Any]:
        actor, task = self._busy.pop(ref)
        try:
            answer = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            self._start()
            return task, Death(f"with its actor ({type(error).__name__})")
        self._idle.append(actor)
        return task, answer

    def end(self) -> None:
        """Ends all actors."""
        for actor in [*self._starting.values(), *self._idle, *(actor for actor, _ in self._busy.values())]:
            self._ray.kill(actor)


def by_ray(ray: Any, carry_out: CarryOut = worker.carry_out) -> Train:
    """Returns what trains tasks on the cluster that `ray` is connected to."""

    def train(tasks: Sequence[Task], scratch: Path, on_progress: OnTask) -> Batches:
        if not tasks:
            return
        if any(task.recipe_text is None for task in tasks):
            raise RecipeError(
                "a recipe for a cluster", found="one of this process alone", expected="a name or FILE.py:FUNCTION"
            )
        splits = tasks[0].job.splits
        shared = None if splits is None else ray.put(splits)
        count = min(max(int(ray.cluster_resources().get("CPU", 1)), 1), len(tasks))
        actors = Actors(ray, count, carry_out, shared, backend.prepare())
        try:
            yield from trained_by(actors, tasks)
        finally:
            actors.end()

    return train


def trained_by(actors: Actors, tasks: Sequence[Task]) -> Batches:
    waiting, deaths = deque(tasks), Counter[Task]()
    while waiting or actors.working:
        obey_interruptions()
        while waiting and actors.has_room:
            actors.begin(waiting.popleft())
        batch: list[tuple[Task, Outcome]] = []
        for task, answer in actors.ended():
            deaths[task] += isinstance(answer, Death)
            if isinstance(answer, Death) and deaths[task] <= RETRIES:
                waiting.appendleft(task)
            else:
                batch.append((task, outcome_of(task, answer)))
        if batch:
            yield batch


def outcome_of(task: Task, answer: Any) -> Outcome:
    """What became of a task."""
    if isinstance(answer, Death):
        return died(task, answer)
    last, fallbacks = answer
    for each in fallbacks:
        reason = messages.error_from_json(each)
        assert isinstance(reason, EngineError)
        task.job.on_fallback(reason)
    found: Outcome = messages.error_from_json(last["error"]) if "error" in last else last["done"]
    return found
