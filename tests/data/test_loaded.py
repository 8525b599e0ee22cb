import numpy as np
import pytest

from tinydigits.data.dataset import Dataset
from tinydigits.data.loaded import Loaded


def a_set(value, name):
    return Dataset(np.full((2, 3, 3), value, np.uint8), np.array([1, 2]), name)


@pytest.mark.parametrize(("only", "train", "test"), [(None, 245, 235), ("train", 245, 20), ("test", 10, 235)])
def test_a_change_is_made_to_all_images_or_to_those_of_one_part(only, train, test):
    changed = Loaded(a_set(10, "mine"), a_set(20, "mine, test")).changed(lambda images: 255 - images, only)
    assert (changed.data.images == train).all()
    assert (changed.test.images == test).all()
    assert (changed.data.name, changed.test.name) == ("mine", "mine, test")
    assert changed.data.labels.tolist() == [1, 2]


@pytest.mark.parametrize("only", [None, "train", "test"])
def test_a_set_without_test_images_stays_one(only):
    assert Loaded(a_set(10, "mine")).changed(lambda images: images, only).test is None
