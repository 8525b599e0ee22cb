"""A server that trains into an empty folder, and its page."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from helpers.served import Served, running, without_reading_processes
from helpers.served_page import served_page
from tinydigits.serve.settings import Settings


@pytest.fixture
def trainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    without_reading_processes(monkeypatch)
    with running(Settings(runs=tmp_path)) as server:
        yield server


@pytest.fixture
def open_page(chromium: Any, trainer: Served) -> Callable[..., Any]:
    """Gives a context of that server's page."""
    return partial(served_page, chromium, trainer.port)
