import inspect
import json

import numpy as np
import pytest

from tinydigits import errors
from tinydigits.data.dataset import Dataset, Splits
from tinydigits.system.progress import Progress
from tinydigits.training.messages import (
    error_as_json,
    error_from_json,
    progress_as_json,
    progress_from_json,
    read_splits,
    write_splits,
)

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.TinydigitsError) and kind.__module__ == errors.__name__
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_arrives_as_itself(kind):
    sent = kind("`x`", found="1\n2", expected="3", fix="Do 4.")
    arrived = error_from_json(json.loads(json.dumps(error_as_json(sent))))
    assert type(arrived) is kind
    assert (str(arrived), vars(arrived)) == (str(sent), vars(sent))


def test_progress_arrives_bit_for_bit():
    sent = Progress(2, 5, 1 / 3, 0.1, None, validation_accuracy=2 / 3, epoch_ended=True)
    assert progress_from_json(json.loads(json.dumps(progress_as_json(sent)))) == sent


@pytest.mark.parametrize("with_test", [True, False])
def test_a_data_set_arrives_whole(few_digits, tmp_path, with_test):
    colours = Dataset(np.zeros((2, 5, 6, 3), np.uint8), np.array([3, 4]), "colours")
    sent = Splits(few_digits, colours, few_digits[:3] if with_test else None)
    write_splits(tmp_path / "data", sent)
    arrived = read_splits(tmp_path / "data")
    for part in ("train", "validation", "test"):
        ours, theirs = getattr(sent, part), getattr(arrived, part)
        assert (ours is None) == (theirs is None)
        if ours is not None:
            assert ours.name == theirs.name
            for one, other in ((ours.images, theirs.images), (ours.labels, theirs.labels)):
                assert one.dtype == other.dtype
                np.testing.assert_array_equal(one, other)
