"""Runs a compiled plan in slices of about 100 ms: trains an epoch, scores and predicts.

C runs without Python's lock. Between two slices Ctrl-C is obeyed.
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

# Number of images in a slice of prediction. A tiny net predicts about 500,000 per second.
INFERENCE_SLICE = 1024 * GROUP
# Largest number of threads; the C code has the same limit.
MOST_THREADS = 8
# Size of the widest vectors, in bytes.
ALIGNMENT = 64


class Program:
    """The compiled program of one plan.

    Args:
        library: the shared library that `build.py` made of the plan.
        threads: largest number of threads; results do not depend on it.
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
        """Trains one epoch and returns the new state; `state` does not change.

        Args:
            on_slice: called after every slice with the finished fraction of the epoch and its score so far.

        Raises:
            NonFiniteStep: a loss or weight became infinite or NaN.
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
        """Returns the gradient of the loss over `examples` as one batch, without dropout: `[plan.trained]`."""
        gradients = np.zeros(self.plan.trained, np.float32)
        order = np.arange(len(examples), dtype=np.int32)
        job = self._training((weights, weights), (), 0, examples, Epoch(order, len(examples), dropout=False))
        job.gradients = address(gradients)
        for _ in self._slices(job, 1):
            pass
        return gradients, score_of(job, len(examples))

    def score(self, weights: Float32Array, examples: Examples) -> Score:
        """Returns loss and accuracy over `examples`, as at inference."""
        return score_of(self._infer(weights, examples, None), len(examples))

    def answers(self, weights: Float32Array, examples: Examples) -> Float32Array:
        """Returns the output of the net, float32 `[n, classes]`: probabilities if it ends in softmax."""
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
        """Takes the steps in slices; yields after each slice whether it failed."""
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
                raise MemoryError("the native engine could not allocate memory for a few images")
            obey_interruptions()
        return job

    def _memory(self, job: structures.Training) -> UInt8Images:
        """Returns memory for training. Batches of the same size use the same memory again, because new memory is slow.

        Another size of batch places its arrays elsewhere and needs zeros around them, so it gets new memory.
        """
        batch = min(job.batch, job.source.count)
        if batch != self._workspace[0]:
            whole = np.zeros(self._library.workspace(ctypes.byref(job)) + ALIGNMENT, np.uint8)
            self._workspace = batch, whole[-whole.ctypes.data % ALIGNMENT :]
        return self._workspace[1]


def score_of(job: structures.Training | structures.Inference, images: int) -> Score:
    return Score(job.loss / images, job.hits / images)
