"""What the tests of sweeps share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from helpers import light_worker


@pytest.fixture
def diary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The identities of the trainings that ended, one by one."""
    path = tmp_path / "diary"
    path.touch()
    monkeypatch.setenv(light_worker.DIARY, str(path))
    return lambda: path.read_text().split()
