"""Pictures that show one digit."""

import numpy as np
import pytest
from PIL import Image

from tinydigits import Reader
from tinydigits.reader.normalise import BOX
from tinydigits.reader.single import digit_image, smooth, thumbnail_digit


@pytest.mark.parametrize("side", [8, 10])
@pytest.mark.parametrize("block", [1, 12])
def test_digits_of_a_few_pixels_are_read(few_digits, side, block):
    reader = Reader()
    digits = few_digits[:50]
    small = [
        np.asarray(Image.fromarray(image).resize((side + 4, side + 4), Image.Resampling.BOX)) for image in digits.images
    ]
    read = [reader.read(image.repeat(block, axis=0).repeat(block, axis=1)).text for image in small]
    right = sum(text == str(label) for text, label in zip(read, digits.labels, strict=True))
    assert right >= 42


def test_digits_as_large_as_normalised_ones_are_not_smoothed():
    ink = np.ones((BOX, 3), np.float32)
    assert smooth(ink) is ink


def test_a_smoothed_digit_has_no_ink_where_there_was_none():
    large = smooth(np.eye(6, dtype=np.float32))
    assert large.shape == (32, 32)
    assert large.min() == 0
    assert large.max() <= 1
    assert not large[24:, :8].any()


def test_a_picture_without_ink_becomes_a_black_image():
    assert not digit_image(Image.new("L", (12, 12), 255)).any()


def test_the_box_of_a_small_pictures_digit_ends_with_its_ink():
    values = np.zeros((20, 16), np.uint8)
    values[3:17, 5:9] = 255
    assert thumbnail_digit(Image.fromarray(values))[1] == (5, 3, 4, 14)
    assert thumbnail_digit(Image.new("L", (12, 12), 255)) is None
