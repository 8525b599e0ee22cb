"""What many tests need: small data, small networks, and the command line run in this process."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tinydigits.data.dataset import Dataset, Splits, mnist

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


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
