import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tinydigits.serve.pixels import MOST_IMAGES, images_from_bytes, images_from_lists
from tinydigits.serve.refusal import RefusalError

ROW = [0] * 28
IMAGE = [ROW] * 28
SOMETHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(arrays(np.uint8, (3, 28, 28)))
def test_images_come_back_as_they_were_sent(images):
    assert np.array_equal(images_from_bytes(images.tobytes()), images)
    assert np.array_equal(images_from_lists(images.tolist()), images)
    assert np.array_equal(images_from_lists(images[0].tolist()), images[:1])


@given(SOMETHING)
def test_anything_else_is_refused(value):
    with pytest.raises(RefusalError):
        images_from_lists(value)


def with_pixel(value):
    return [[value, *ROW[1:]], *IMAGE[1:]]


@pytest.mark.parametrize(
    "value",
    [
        *map(with_pixel, (-1, 256, 1.0, True, None, "1", [1], 10**30)),
        IMAGE[1:],
        [*IMAGE, ROW],
        [ROW[1:], *IMAGE[1:]],
        [IMAGE, IMAGE[1:]],
        [IMAGE, 3],
        [[[]]],
        {"0": IMAGE},
    ],
)
def test_images_of_another_size_and_pixels_of_another_kind_are_refused(value):
    with pytest.raises(RefusalError, match="28 rows of 28 whole numbers from 0 to 255") as refused:
        images_from_lists(json.loads(json.dumps(value)))
    assert refused.value.status == 400


@pytest.mark.parametrize("size", [0, 1, 783, 785])
def test_bytes_that_are_no_whole_images_are_refused(size):
    with pytest.raises(RefusalError, match=f"{size} bytes; expected 784 for each image"):
        images_from_bytes(bytes(size))


def test_the_largest_request_is_taken_and_a_larger_one_is_not():
    assert len(images_from_bytes(bytes(784 * MOST_IMAGES))) == MOST_IMAGES
    assert len(images_from_lists([IMAGE] * MOST_IMAGES)) == MOST_IMAGES
    for much in (
        lambda: images_from_bytes(bytes(784 * (MOST_IMAGES + 1))),
        lambda: images_from_lists([IMAGE] * (MOST_IMAGES + 1)),
    ):
        with pytest.raises(RefusalError, match="1,025 images") as refused:
            much()
        assert refused.value.status == 413
