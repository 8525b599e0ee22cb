import errno
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinydigits.errors import CheckpointError, OutputError
from tinydigits.formats import checkpoint_file
from tinydigits.formats.checkpoint_file import Saved, from_bytes, to_bytes
from tinydigits.system import atomic

SAVED = Saved(
    facts={"seed": 3, "training images or labels": "ab12"},
    engine="native",
    epochs=2,
    every=1,
    seed=77,
    history={"loss": [0.1, 1 / 3], "val_loss": [float("inf")]},
    arrays=(
        np.arange(6, dtype=np.float32).reshape(2, 3) / 7,
        np.array(12, np.int64),
        np.empty(0, np.float32),
        np.array([1, 2], np.uint32),
    ),
)
CONTENT = to_bytes(SAVED)


def same(one, other):
    assert {**vars(one), "arrays": None} == {**vars(other), "arrays": None}
    assert [(array.dtype, array.shape) for array in one.arrays] == [(each.dtype, each.shape) for each in other.arrays]
    assert [array.tobytes() for array in one.arrays] == [array.tobytes() for array in other.arrays]


def test_what_is_written_is_read_to_the_last_bit(tmp_path):
    checkpoint_file.write(tmp_path / "a.checkpoint", SAVED)
    same(checkpoint_file.read(tmp_path / "a.checkpoint"), SAVED)
    assert [path.name for path in tmp_path.iterdir()] == ["a.checkpoint"]


def test_where_there_is_no_file_there_is_no_checkpoint(tmp_path):
    assert checkpoint_file.read(tmp_path / "a.checkpoint") is None


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(CONTENT) - 1), st.integers(1, 255))
def test_any_changed_byte_is_noticed(tmp_path_factory, position, change):
    content = bytearray(CONTENT)
    content[position] ^= change
    path = tmp_path_factory.getbasetemp() / "changed.checkpoint"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"changed\.checkpoint: found .*; expected"):
        checkpoint_file.read(path)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(CONTENT) - 1))
def test_a_file_cut_short_is_noticed(length):
    with pytest.raises(CheckpointError):
        from_bytes(CONTENT[:length], "a.checkpoint")


def test_a_longer_file_is_noticed():
    with pytest.raises(CheckpointError, match="differ from their recorded SHA-256"):
        from_bytes(CONTENT + b"\n", "a.checkpoint")


@pytest.mark.parametrize(("number", "said"), [("0", "'0'"), ("2", "'2'"), ("9" * 99, f"'{'9' * 20}'")])
def test_another_format_is_refused_in_plain_words(number, said):
    with pytest.raises(CheckpointError, match=f"found a checkpoint of format {said}; expected format 1"):
        from_bytes(CONTENT.replace(b"checkpoint 1\n", f"checkpoint {number}\n".encode(), 1), "a.checkpoint")


def test_a_full_disk_leaves_the_checkpoint_that_was_there(tmp_path, monkeypatch):
    path = tmp_path / "a.checkpoint"
    checkpoint_file.write(path, SAVED)

    def full(file):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(atomic, "sync", full)
    with pytest.raises(OutputError, match="No space left"):
        checkpoint_file.write(path, Saved({}, "keras", 9, 1, 0, {}, ()))
    same(checkpoint_file.read(path), SAVED)
    assert [each.name for each in tmp_path.iterdir()] == ["a.checkpoint"]


def test_a_folder_in_its_place_is_named(tmp_path):
    with pytest.raises(OutputError, match="directory"):
        checkpoint_file.read(tmp_path)
