"""A compiled plan, run: training an epoch, scoring and answering, in slices of about 100 ms.

Each call into C lets go of Python's lock; between two of them Python sees Ctrl-C.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tinydigits.engine import structures
from tinydigits.engine.build import load
from tinydigits.engine.pace import Pace
from tinydigits.engine.structures import address
from tinydigits.engine.weights import GROUP, Floats
from tinydigits.versions import threads_to_use

if TYPE_CHECKING:
    from pathlib import Path

    from tinydigits.engine.plan import Plan

# Images per slice when nothing is learnt; a tiny net answers some 500,000 in a second.
INFERENCE_SLICE = 1024 * GROUP
MOST_THREADS = 8


@dataclass(frozen=True, eq=False)
class Examples:
    """Images with their targets.

    Attributes:
        images: contiguous uint8 (scaled by 1/255 when read) or float32, `[n, …]`.
        targets: contiguous float32 `[n, classes]`, or None where nothing is compared.
    """

    images: NDArray[np.uint8] | Floats
    targets: Floats | None = None

    def __len__(self) -> int:
        return len(self.images)

    def fields(self, order: NDArray[np.int32] | None = None) -> structures.Source:
        return structures.Source(
            address(self.images), address(self.targets), address(order), len(self), self.images.dtype == np.float32
        )


@dataclass(frozen=True)
class RuleNumbers:
    """The optimiser's numbers; those that its rule does not use stay 0."""

    learning_rate: float
    momentum: float = 0.0
    beta_1: float = 0.0
    beta_2: float = 0.0
    epsilon: float = 0.0

    def fields(self) -> structures.Rule:
        betas = self.beta_1, self.beta_2
        return structures.Rule(self.learning_rate, self.momentum, *betas, *(1 - beta for beta in betas), self.epsilon)


@dataclass(frozen=True, eq=False)
class State:
    """What training changes: the engine's array of weights, the optimiser's arrays beside it, steps taken so far."""

    weights: Floats
    slots: tuple[Floats, ...]
    iterations: int


@dataclass(frozen=True)
class Score:
    """Mean loss and the fraction of right answers over some images."""

    loss: float
    accuracy: float


class NonFiniteStep(Exception):  # noqa: N818 - not an error yet: whoever knows the epoch makes it one
    """A step gave a loss or weight that is not finite. `state` is the last finite one."""

    def __init__(self, step: int, state: State) -> None:
        super().__init__(step)
        self.step = step
        self.state = state


@dataclass(frozen=True)
class Epoch:
    """How one epoch is trained: `order` [n] int32 says which image comes when; `seed` and `index` what chance does."""

    order: NDArray[np.int32]
    batch_size: int
    seed: int = 0
    index: int = 0
    dropout: bool = True


class Program:
    """The machine code of one plan.

    Args:
        library: the shared library that `build.py` made of it.
        threads: how many to use at most; results do not depend on it.
    """

    def __init__(self, plan: Plan, library: Path, threads: int | None = None) -> None:
        self.plan = plan
        self.threads = threads or min(threads_to_use(), MOST_THREADS)
        self._pace = Pace(self.threads)
        self._library = load(library)

    def train(
        self,
        state: State,
        examples: Examples,
        epoch: Epoch,
        rule: RuleNumbers,
        on_slice: Callable[[float, Score], None] | None = None,
    ) -> tuple[State, Score]:
        """One epoch from `state`; which itself stays as it is.

        Args:
            on_slice: told after every slice: the fraction of the epoch that is done, and its score so far.

        Raises:
            NonFiniteStep: a loss or weight became infinite or no number.
        """
        weights = state.weights.copy(), np.empty_like(state.weights)
        slots = tuple(slot.copy() for slot in state.slots)
        job = self._training(weights, slots, state.iterations, examples, epoch)
        job.rule = rule.fields()
        for failed in self._slices(job, -(-len(examples) // epoch.batch_size)):
            after = State(weights[job.current], slots, state.iterations + job.first)
            if failed:
                raise NonFiniteStep(job.first, after)
            score = score_of(job, min(job.first * epoch.batch_size, len(examples)))
            if on_slice:
                on_slice(job.first * epoch.batch_size / len(examples), score)
        return after, score

    def gradient(self, weights: Floats, examples: Examples) -> tuple[Floats, Score]:
        """The gradient of the loss over all of `examples` as one batch, without dropout; `[plan.weights]`."""
        gradients = np.zeros(self.plan.weights, np.float32)
        order = np.arange(len(examples), dtype=np.int32)
        job = self._training((weights, weights), (), 0, examples, Epoch(order, len(examples), dropout=False))
        job.gradients = address(gradients)
        for _ in self._slices(job, 1):
            pass
        return gradients, score_of(job, len(examples))

    def score(self, weights: Floats, examples: Examples) -> Score:
        """Loss and accuracy over `examples`, as at inference."""
        return score_of(self._infer(weights, examples, None), len(examples))

    def answers(self, weights: Floats, examples: Examples) -> Floats:
        """What the net answers, float32 `[n, classes]`: probabilities where it ends in softmax."""
        answers = np.empty((len(examples), self.plan.classes), np.float32)
        self._infer(weights, examples, answers)
        return answers

    def _training(
        self,
        weights: tuple[Floats, Floats],
        slots: tuple[Floats, ...],
        iterations: int,
        examples: Examples,
        epoch: Epoch,
    ) -> structures.Training:
        job = structures.Training(source=examples.fields(epoch.order), batch=epoch.batch_size, iterations=iterations)
        job.weights[:] = [address(array) for array in weights]
        job.slots[: len(slots)] = [address(array) for array in slots]
        job.seed, job.epoch, job.dropout = epoch.seed, epoch.index, epoch.dropout
        return job

    def _slices(self, job: structures.Training, steps: int) -> Iterator[bool]:
        """Takes the steps, some at a time; after each slice, whether it failed."""
        while job.first < steps:
            first, (job.threads, allowance) = job.first, self._pace.next_slice()
            job.last, started = min(first + allowance, steps), perf_counter()
            self._call(self._library.train, job)
            self._pace.learn(job.threads, job.last - first, perf_counter() - started)
            yield bool(job.failed)

    def _infer(self, weights: Floats, examples: Examples, answers: Floats | None) -> structures.Inference:
        job = structures.Inference(
            source=examples.fields(), weights=address(weights), answers=address(answers), threads=self.threads
        )
        for job.first in range(0, len(examples), INFERENCE_SLICE):
            job.last = min(job.first + INFERENCE_SLICE, len(examples))
            self._call(self._library.infer, job)
        return job

    def _call(self, function: ctypes._NamedFuncPointer, job: ctypes.Structure) -> None:
        if function(ctypes.byref(job)):
            raise MemoryError("the native engine could not get the memory for a few images")


def score_of(job: structures.Training | structures.Inference, images: int) -> Score:
    return Score(job.loss / images, job.hits / images)
