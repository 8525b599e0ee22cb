"""How much the next call into C does: some 100 ms of work, on the number of threads that lately was the fastest.

Threads that work in step wait for the slowest. Where another program holds a core, two threads can take ten times as
long as one; as the results do not depend on their number, it may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SLICE_SECONDS = 0.1
# A shorter slice finds out how fast a number of threads is; from time to time, whether that has changed. Starting a
# thread on an idle core can take 5 ms on a virtual machine: trials of 6 ms judged two threads slow (LOG.md).
TRIAL_SECONDS = 0.05
SLICES_BETWEEN_TRIALS = 40
# Starting threads and touching new memory would make up too much of a slice smaller than this to say anything.
LEAST_SECONDS, LEAST_STEPS = 0.004, 8
# How much longer than the one before it a slice on the same number of threads may be.
GROWTH = 8


@dataclass(frozen=True)
class Measured:
    """The last slice on some number of threads."""

    steps: int
    seconds: float

    @property
    def tells(self) -> bool:
        """Whether it was large enough to judge by."""
        some_steps = self.seconds >= LEAST_SECONDS and self.steps >= LEAST_STEPS
        return some_steps or self.seconds >= SLICE_SECONDS / 2

    @property
    def per_step(self) -> float:
        return max(self.seconds, 1e-9) / self.steps


@dataclass
class Pace:
    """What has been learnt so far about the speed of one program, on one thread and on `most`."""

    most: int
    measured: dict[int, Measured] = field(default_factory=dict)
    slices: int = 0

    def next_slice(self) -> tuple[int, int]:
        """(threads, steps) of the next slice."""
        known = [threads for threads in (self.most, 1) if threads in self.measured and self.measured[threads].tells]
        if len(known) < len({self.most, 1}):
            return self.trial(1 if self.most in known else self.most)
        fastest, other = sorted((self.most, 1), key=lambda threads: self.measured[threads].per_step)
        if self.slices % SLICES_BETWEEN_TRIALS == 0:
            return self.trial(other)
        return fastest, self.steps(fastest, SLICE_SECONDS)

    def trial(self, threads: int) -> tuple[int, int]:
        a_few = LEAST_STEPS * self.measured[threads].per_step * 1.01 if threads in self.measured else 0.0
        return threads, self.steps(threads, min(max(TRIAL_SECONDS, a_few), SLICE_SECONDS))

    def steps(self, threads: int, seconds: float) -> int:
        """How many steps fill so many seconds, as far as that is known."""
        if threads not in self.measured:
            return 1
        last = self.measured[threads]
        return max(1, min(int(seconds / last.per_step), last.steps * GROWTH))

    def learn(self, threads: int, steps: int, seconds: float) -> None:
        """Remembers that `steps` on `threads` took `seconds`."""
        self.measured[threads] = Measured(steps, seconds)
        self.slices += 1
