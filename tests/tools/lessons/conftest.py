"""A few digits as lines."""

import pytest

from lessons.strokes import Digits, digits_of
from tinydigits.data import mnist


@pytest.fixture(scope="session")
def digits() -> Digits:
    train = mnist().train
    return digits_of(train.images[:60], train.labels[:60])
