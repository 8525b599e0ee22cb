import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from tinydigits.data.idx import parse_images, parse_labels
from tinydigits.errors import FileFormatError

IMAGES = struct.pack(">4I", 0x0803, 2, 2, 3) + bytes(range(12))


def test_images_come_back_as_they_were_written():
    assert parse_images(IMAGES, "file").tolist() == [[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 11]]]


@given(arrays(np.uint8, array_shapes(min_dims=3, max_dims=3, min_side=0, max_side=5)))
def test_any_images_survive_a_round_trip(images):
    data = struct.pack(">4I", 0x0803, *images.shape) + images.tobytes()
    assert np.array_equal(parse_images(data, "file"), images)


@given(st.binary(max_size=64))
def test_any_other_bytes_are_refused_with_a_typed_error(data):
    for parse in (parse_images, parse_labels):
        with suppress(FileFormatError):
            assert parse(data, "file").size == len(data) - data[3] * 4 - 4


@given(st.integers(0, len(IMAGES) - 1))
def test_a_truncated_file_is_refused_wherever_it_ends(length):
    with pytest.raises(FileFormatError):
        parse_images(IMAGES[:length], "file")


def test_a_wrong_magic_number_is_named_beside_the_right_one():
    with pytest.raises(FileFormatError, match=r"magic number 0x00000801.*expected 0x00000803"):
        parse_images(struct.pack(">2I", 0x0801, 1) + b"\0", "labels given as images")


def test_bytes_beyond_the_end_are_refused():
    with pytest.raises(FileFormatError, match=r"29 bytes; expected 28"):
        parse_images(IMAGES + b"\0", "file")


def test_sizes_that_no_file_can_have_are_refused_without_being_allocated():
    with pytest.raises(FileFormatError):
        parse_images(struct.pack(">4I", 0x0803, *[0xFFFFFFFF] * 3), "file")
