"""Where the time of a longer job went."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Stopwatch:
    """Seconds by phase, in the order in which phases first began."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.phases: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the time of the block towards `name`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.phases[name] = self.phases.get(name, 0.0) + time.perf_counter() - began

    @property
    def seconds(self) -> float:
        """Since the stopwatch was made."""
        return time.perf_counter() - self.started

    def as_json(self) -> Mapping[str, float]:
        return {name: round(seconds, 3) for name, seconds in self.phases.items()}
