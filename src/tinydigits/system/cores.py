"""How many cores this process may use."""

import os


def available_cores() -> int:
    """Returns the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads_to_use() -> int:
    """Returns the number of threads of a computation: one per core, or OMP_NUM_THREADS if that is fewer."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return min(available_cores(), int(asked)) if asked.isdecimal() and int(asked) else available_cores()
