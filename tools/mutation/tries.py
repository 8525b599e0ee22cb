"""Tests run in a copy of the checkout, each time in a fork of this process.

A fork has imported already what the tests need of other packages, and pytest loads the one plugin that they need: a
quarter of a second of processor time a try, beside the tests' own, in place of one or two.
"""

import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# NumPy's threads would not live on in a fork.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"

import hypothesis  # noqa: F401 - imported here, once, for all forks
import numpy  # noqa: F401
import onnx  # noqa: F401
import onnxruntime  # noqa: F401
import PIL.Image  # noqa: F401
import pytest
import scipy.ndimage  # noqa: F401

ROOT = Path(__file__).parents[2]
# What of the checkout the tests need.
NEEDED = ("src", "tests", "tools", "benchmarks", "docs", "pyproject.toml")
OPTIONS = [
    *("-q", "-x", "-p", "_hypothesis_pytestplugin", "-p", "no:cacheprovider", "--hypothesis-seed=0"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # hypothesis has been imported
]
# Longest processor time of a module's tests as it is, in seconds: a try of more is not worth its while.
LONGEST = 15
# Longest processor time of a try, and longest wait for it, in seconds: some for every second of the unchanged tests,
# and some besides.
PROCESSOR = (3, 5)
WAIT = (10, 60)


@dataclass(frozen=True)
class Ended:
    """How tests ended, and the seconds that they took: of processor time, and by the clock."""

    passed: bool
    processor: float
    clock: float


def copied(folder: Path) -> None:
    """Copies what the tests need of the checkout."""
    for name in NEEDED:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)


class NotTestedError(Exception):
    """Why the mutants of a module are not tested, in words."""


def unchanged(copy: Path, tests: Iterable[str]) -> Ended:
    """The tests of a module as it is. Compiled modules are kept for the tries that follow.

    Raises NotTestedError if the tests take too long, or do not pass.
    """
    ended = run(copy, tests, LONGEST, 20 * LONGEST, keep_compiled=True)
    if ended.processor > LONGEST or ended.clock > 20 * LONGEST:
        raise NotTestedError(f"its tests take more than {LONGEST} seconds")
    if not ended.passed:
        raise NotTestedError(f"its tests do not pass as they are:\n{output(copy).read_text('utf-8')}")
    return ended


def tried(copy: Path, module: Path, text: str, tests: Iterable[str], as_is: Ended) -> Ended:
    """The tests with another text of a module, which is put back afterwards."""
    original, written = module.read_text("utf-8"), module.stat().st_mtime
    module.write_text(text, "utf-8")
    os.utime(module, (written + 10, written + 10))  # so that what was compiled of the original is not taken
    try:
        limits = [a * seconds + b for (a, b), seconds in ((PROCESSOR, as_is.processor), (WAIT, as_is.clock))]
        return run(copy, tests, *limits, keep_compiled=False)
    finally:
        module.write_text(original, "utf-8")
        os.utime(module, (written, written))
        shutil.rmtree(copy / ".hypothesis", ignore_errors=True)  # examples that it would try first, next time


def run(copy: Path, tests: Iterable[str], processor: float, wait: float, *, keep_compiled: bool) -> Ended:
    start, spent = time.monotonic(), children()
    child = os.fork()
    if child == 0:
        try:
            tests_of_fork(copy, tests, processor, keep_compiled)
        finally:
            os._exit(1)
    status = waited(child, start + wait)
    return Ended(status == 0, children() - spent, time.monotonic() - start)


def tests_of_fork(copy: Path, tests: Iterable[str], processor: float, keep_compiled: bool) -> None:
    os.setsid()
    os.chdir(copy)
    log = os.open(output(copy), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(processor) + 1, int(processor) + 1))
    sys.dont_write_bytecode = not keep_compiled
    os.environ["PYTHONDONTWRITEBYTECODE"] = "" if keep_compiled else "1"
    os.environ["PYTHONPATH"] = str(copy / "src")
    sys.path.insert(0, str(copy / "src"))
    status = int(pytest.main([*OPTIONS, *tests]))
    sys.stdout.flush()
    os._exit(status)


def waited(child: int, until: float) -> int:
    """Returns the status with which a process ended. When time is up it is killed; so is all that it left running."""
    while not os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) and time.monotonic() < until:
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def output(copy: Path) -> Path:
    return copy / "output.txt"
