"""Live servers that many tests ask."""

from collections.abc import Iterator

import numpy as np
import pytest

from helpers import light_training
from helpers.served import Served, running
from tinydigits.arrays import UInt8Images
from tinydigits.serve.settings import Settings
from tinydigits.serve.studio import process


@pytest.fixture(scope="session", autouse=True)
def light_trainings() -> Iterator[None]:
    """Trainings that a server of these tests is asked for are sleep, but where a test wants it otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "TRAINING", (light_training.__file__,))
        yield


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, light_trainings: None) -> Iterator[Served]:
    """A server as `tinydigits serve` starts it in an empty folder."""
    with running(Settings(runs=tmp_path_factory.mktemp("runs"))) as server:
        yield server


@pytest.fixture(scope="session")
def digits(whole_mnist) -> UInt8Images:
    """Some test images."""
    return np.ascontiguousarray(whole_mnist.test.images[:1100])
