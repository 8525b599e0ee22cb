"""How much the next call into C does: some 50 ms of work, on the number of threads that lately was the fastest.

Threads that work in step wait for the slowest. Where another program holds a core, two threads can take ten times as
long as one; as the results do not depend on their number, it may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SLICE_SECONDS = 0.05
# Now and then a short slice finds out whether the other number of threads would be faster by now.
TRIAL_SECONDS = 0.01
SLICES_BETWEEN_TRIALS = 16
# How much longer than the one before it a slice may be: the first steps also pay for starting up.
GROWTH = 8


@dataclass
class Pace:
    """What has been learnt so far about the speed of one program.

    Attributes:
        most: threads that may be used.
        seconds: of one step, by number of threads, as last measured.
    """

    most: int
    seconds: dict[int, float] = field(default_factory=dict)
    slices: int = 0
    largest: int = 0

    def next_slice(self) -> tuple[int, int]:
        """(threads, steps) of the next slice."""
        trial = self.slices % SLICES_BETWEEN_TRIALS == SLICES_BETWEEN_TRIALS - 1
        threads = self.other if trial or len(self.seconds) == 1 else self.fastest
        if threads not in self.seconds:
            return threads, max(1, self.largest // GROWTH)
        wanted = (TRIAL_SECONDS if trial else SLICE_SECONDS) / self.seconds[threads]
        return threads, max(1, min(int(wanted), self.largest * GROWTH))

    def learn(self, threads: int, steps: int, seconds: float) -> None:
        """Remembers that `steps` on `threads` took `seconds`."""
        self.seconds[threads] = seconds / steps
        self.largest = max(self.largest, steps)
        self.slices += 1

    @property
    def fastest(self) -> int:
        return min(self.seconds, key=self.seconds.__getitem__, default=self.most)

    @property
    def other(self) -> int:
        """The number of threads to try beside the fastest: all of them, or one."""
        return self.most if self.fastest != self.most else 1
