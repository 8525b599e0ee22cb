"""Pictures whose every pixel was made a block."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from tinydigits import Reader
from tinydigits.reader.blocks import block_size, own_pixels


@given(arrays(np.uint8, st.tuples(st.integers(8, 20), st.integers(8, 20))), st.integers(2, 7), st.booleans())
def test_a_picture_of_blocks_is_taken_back_to_its_own_pixels(pixels, factor, coloured):
    pixels[:2, :2] = [[0, 255], [255, 0]]  # at least one edge a pixel from the next, in both directions
    own = np.stack([pixels] * 3, axis=-1) if coloured else pixels
    small, size = own_pixels(Image.fromarray(own.repeat(factor, axis=0).repeat(factor, axis=1)))
    assert size == factor
    assert np.array_equal(np.asarray(small), own)


def test_a_picture_without_blocks_stays_as_it_is():
    pixels = np.random.default_rng(0).integers(0, 256, (60, 90), np.uint8)
    assert own_pixels(Image.fromarray(pixels))[1] == 1
    pixels[:] = pixels.repeat(3, axis=0)[:60].repeat(3, axis=1)[:, :90]
    pixels[31, 40] ^= 255  # one pixel that is no block
    assert block_size(pixels) == 1


@pytest.mark.parametrize("shape", [(1, 1), (40, 60), (210, 140)])
def test_a_blank_picture_and_one_of_large_squares_stay_as_they_are(shape):
    assert own_pixels(Image.new("L", shape[::-1], 7))[1] == 1
    squares = Image.fromarray(np.kron(np.array([[0, 255, 0], [0, 255, 0]], np.uint8), np.ones((40, 40), np.uint8)))
    assert own_pixels(squares) == (squares, 1)


def test_boxes_are_in_pixels_of_the_picture_as_it_came(few_digits):
    reader = Reader()
    small = reader.read(few_digits.images[0])
    large = reader.read(few_digits.images[0].repeat(7, axis=0).repeat(7, axis=1))
    assert large.text == small.text
    assert large.digits[0].box == tuple(7 * side for side in small.digits[0].box)
