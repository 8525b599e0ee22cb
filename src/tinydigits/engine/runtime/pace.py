"""Chooses the work of the next call into C: about 100 ms, on the number of threads that was fastest recently.

Threads wait for the slowest of them at every step. If another program uses a core, two threads can take ten times as
long as one. The results do not depend on the number of threads, so it may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# Length of a slice, in seconds.
SLICE_SECONDS = 0.1
# Length of a trial, in seconds: a shorter slice that measures the speed of a number of threads. Starting a thread on an
# idle core can take 5 ms on a virtual machine, so trials of 6 ms made two threads look slow (LOG.md).
TRIAL_SECONDS = 0.05
# A trial is repeated after this many slices, because the speed may have changed.
SLICES_BETWEEN_TRIALS = 40
# Shorter slices, in seconds, are not used to compare speeds: starting threads takes too much of their time.
LEAST_SECONDS = 0.004
# Slices with fewer steps are not used to compare speeds, unless they take half of SLICE_SECONDS.
LEAST_STEPS = 8
# A slice has at most this many times the steps of the one before it on the same number of threads.
GROWTH = 8


@dataclass(frozen=True)
class Measured:
    """Steps and seconds of the last slice on a number of threads."""

    steps: int
    seconds: float

    @property
    def tells(self) -> bool:
        """Whether the slice was large enough to compare speeds."""
        some_steps = self.seconds >= LEAST_SECONDS and self.steps >= LEAST_STEPS
        return some_steps or self.seconds >= SLICE_SECONDS / 2

    @property
    def per_step(self) -> float:
        return max(self.seconds, 1e-9) / self.steps


@dataclass
class Pace:
    """The measured speed of one program, on one thread and on `most` threads."""

    most: int
    measured: dict[int, Measured] = field(default_factory=dict)
    slices: int = 0

    def next_slice(self) -> tuple[int, int]:
        """Returns the number of threads and steps of the next slice."""
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
        """Returns how many steps take `seconds`, as estimated from the last slice; 1 if there was none."""
        if threads not in self.measured:
            return 1
        last = self.measured[threads]
        return max(1, min(int(seconds / last.per_step), last.steps * GROWTH))

    def learn(self, threads: int, steps: int, seconds: float) -> None:
        """Records that `steps` steps on `threads` threads took `seconds`."""
        self.measured[threads] = Measured(steps, seconds)
        self.slices += 1
