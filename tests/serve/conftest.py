"""Live servers that many tests ask."""

from collections.abc import Iterator

import numpy as np
import pytest

from helpers.served import Served, running
from tinydigits.arrays import UInt8Images
from tinydigits.serve.settings import Settings


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """A server as `tinydigits serve` starts it."""
    with running(Settings()) as server:
        yield server


@pytest.fixture(scope="session")
def digits(whole_mnist) -> UInt8Images:
    """Some test images."""
    return np.ascontiguousarray(whole_mnist.test.images[:1100])
