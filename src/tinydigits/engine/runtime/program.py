"""A compiled plan, run: training an epoch, scoring and answering, in slices of about 100 ms.

Each call into C lets go of Python's lock; between two of them Ctrl-C is obeyed.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from tinydigits.arrays import Float32Array, UInt8Images
from tinydigits.engine.compiler.build import load
from tinydigits.engine.compiler.weights import GROUP
from tinydigits.engine.runtime import structures
from tinydigits.engine.runtime.job import Epoch, Examples, NonFiniteStep, RuleNumbers, Score, State
from tinydigits.engine.runtime.pace import Pace
from tinydigits.engine.runtime.structures import address
from tinydigits.system.cores import threads_to_use
from tinydigits.system.interruption import obey_interruptions

if TYPE_CHECKING:
    from pathlib import Path

    from tinydigits.engine.compiler.plan import Plan

# Images per slice when nothing is learnt; a tiny net answers some 500,000 in a second.
INFERENCE_SLICE = 1024 * GROUP
MOST_THREADS = 8
# Bytes of the widest vectors.
ALIGNMENT = 64


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
        self._library.workspace.restype = ctypes.c_int64
        self._workspace = 0, np.zeros(0, np.uint8)

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
        weights = state.weights.copy(), state.weights.copy()
        slots = tuple(slot.copy() for slot in state.slots)
        job = self._training(weights, slots, state.iterations, examples, epoch)
        steps = -(-len(examples) // epoch.batch_size)
        averages, rates = None if state.averages is None else state.averages.copy(), rule.rates(steps)
        job.rule, job.rates, job.averages = rule.fields(), address(rates), address(averages)
        for failed in self._slices(job, steps):
            after = State(weights[job.current], slots, state.iterations + job.first, averages)
            if failed:
                raise NonFiniteStep(job.first, after)
            done = min(job.first * epoch.batch_size, len(examples))
            score = score_of(job, done)
            if on_slice:
                on_slice(done / len(examples), score)
        return after, score

    def gradient(self, weights: Float32Array, examples: Examples) -> tuple[Float32Array, Score]:
        """The gradient of the loss over all of `examples` as one batch, without dropout; `[plan.trained]`."""
        gradients = np.zeros(self.plan.trained, np.float32)
        order = np.arange(len(examples), dtype=np.int32)
        job = self._training((weights, weights), (), 0, examples, Epoch(order, len(examples), dropout=False))
        job.gradients = address(gradients)
        for _ in self._slices(job, 1):
            pass
        return gradients, score_of(job, len(examples))

    def score(self, weights: Float32Array, examples: Examples) -> Score:
        """Loss and accuracy over `examples`, as at inference."""
        return score_of(self._infer(weights, examples, None), len(examples))

    def answers(self, weights: Float32Array, examples: Examples) -> Float32Array:
        """What the net answers, float32 `[n, classes]`: probabilities where it ends in softmax."""
        answers = np.empty((len(examples), self.plan.classes), np.float32)
        self._infer(weights, examples, answers)
        return answers

    def _training(
        self,
        weights: tuple[Float32Array, Float32Array],
        slots: tuple[Float32Array, ...],
        iterations: int,
        examples: Examples,
        epoch: Epoch,
    ) -> structures.Training:
        job = structures.Training(source=examples.fields(epoch.order), batch=epoch.batch_size, iterations=iterations)
        job.weights[:] = [address(array) for array in weights]
        job.slots[: len(slots)] = [address(array) for array in slots]
        job.seed, job.epoch, job.dropout, job.still = epoch.seed, epoch.index, epoch.dropout, epoch.still
        if epoch.variation is not None:
            job.augment, job.amplitudes = epoch.variation.function, ctypes.addressof(epoch.variation.amplitudes)
        return job

    def _slices(self, job: structures.Training, steps: int) -> Iterator[bool]:
        """Takes the steps, some at a time; after each slice, whether it failed."""
        job.threads = self.threads
        memory = self._memory(job)
        job.workspace = address(memory)
        while job.first < steps:
            first, (job.threads, allowance) = job.first, self._pace.next_slice()
            job.last, started = min(first + allowance, steps), perf_counter()
            self._library.train(ctypes.byref(job))
            self._pace.learn(job.threads, job.last - first, perf_counter() - started)
            obey_interruptions()
            yield bool(job.failed)

    def _infer(self, weights: Float32Array, examples: Examples, answers: Float32Array | None) -> structures.Inference:
        job = structures.Inference(
            source=examples.fields(), weights=address(weights), answers=address(answers), threads=self.threads
        )
        for job.first in range(0, len(examples), INFERENCE_SLICE):
            job.last = min(job.first + INFERENCE_SLICE, len(examples))
            if self._library.infer(ctypes.byref(job)):
                raise MemoryError("the native engine could not get the memory for a few images")
            obey_interruptions()
        return job

    def _memory(self, job: structures.Training) -> UInt8Images:
        """Memory to train in: that of the last call for batches of the same size, as touching new memory takes time.

        Another size has its arrays in other places, and relies on zeros around them.
        """
        batch = min(job.batch, job.source.count)
        if batch != self._workspace[0]:
            whole = np.zeros(self._library.workspace(ctypes.byref(job)) + ALIGNMENT, np.uint8)
            self._workspace = batch, whole[-whole.ctypes.data % ALIGNMENT :]
        return self._workspace[1]


def score_of(job: structures.Training | structures.Inference, images: int) -> Score:
    return Score(job.loss / images, job.hits / images)
