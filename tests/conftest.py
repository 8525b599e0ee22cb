"""What many tests need: small data, small networks, and the command line run in this process."""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers import browser
from helpers.remembered_runs import RememberedRuns
from tinydigits.data.dataset import Dataset, Splits, mnist
from tinydigits.training import pool
from tinydigits.training import run as training_run

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# The processes that run tests, and those that tests start, share the cores: more threads would wait for one another.
for variable in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")


def pytest_configure(config: pytest.Config) -> None:
    """One empty cache of compiled nets for the whole session, its worker processes and all that tests start."""
    if hasattr(config, "workerinput"):  # a process of pytest-xdist, which was given the session's environment
        return
    os.environ.setdefault("MPLCONFIGDIR", str(Path.home() / ".cache" / "matplotlib"))  # its list of fonts stays
    os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="tinydigits-tests-")
    config.add_cleanup(lambda: shutil.rmtree(os.environ["XDG_CACHE_HOME"], ignore_errors=True))


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    code: int
    stdout: str
    stderr: str


@pytest.fixture(scope="session", autouse=True)
def obeyed_ctrl_c() -> None:
    """A shell has its background jobs ignore Ctrl-C, and all that they start: tests of it could not pass there."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Run `tinydigits ARGUMENTS…` through its real entry point."""
    from tinydigits.cli import main

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["tinydigits", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def whole_mnist() -> Splits:
    return mnist()


@pytest.fixture(scope="session")
def few_digits(whole_mnist: Splits) -> Dataset:
    """240 training images."""
    return whole_mnist.train[:240]


@pytest.fixture
def digits_file(few_digits: Dataset, tmp_path: Path) -> Path:
    """The few digits as a user's own .npz."""
    path = tmp_path / "digits.npz"
    np.savez(path, images=few_digits.images, labels=few_digits.labels)
    return path


@pytest.fixture(scope="session")
def kept_runs(tmp_path_factory: pytest.TempPathFactory) -> RememberedRuns:
    return RememberedRuns(tmp_path_factory.mktemp("kept-runs"))


@pytest.fixture
def one_process(kept_runs: RememberedRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many trainings are done here, one after the other, without pictures; the same one once in the whole session."""
    monkeypatch.setattr(pool, "available_cores", lambda: 1)
    monkeypatch.setattr(pool, "trained_into", kept_runs)
    monkeypatch.setattr(training_run, "draw", lambda run, folder: None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser without a window for all tests that open pages."""
    with browser.browser() as started:
        yield started
