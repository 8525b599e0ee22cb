import numpy as np
import pytest

from tinydigits.reader.explain import NEIGHBOURS, nearest_to, occlusion
from tinydigits.reader.reading import Digit


def seven(image):
    return Digit(7, 1.0, (0, 0, 28, 28), image, np.eye(10, dtype=np.float32)[7])


def test_occlusion_finds_the_pixels_that_an_answer_hangs_on():
    def predict(images):
        certain = 0.1 + 0.8 * (images[:, 20, 6] > 0)
        return np.stack([certain if value == 7 else (1 - certain) / 9 for value in range(10)], axis=1)

    worth = occlusion(seven(np.full((28, 28), 255, np.uint8)), predict)
    assert worth[20, 6] == pytest.approx(np.log(9))
    assert np.abs(worth[:15]).max() == 0
    assert np.abs(worth[:, 12:]).max() == 0


def test_the_nearest_training_digit_of_a_training_digit_is_itself(few_digits):
    for index in (0, 17, 239):
        found = nearest_to(few_digits.images[index], few_digits.images)
        assert (found[0], len(found)) == (index, NEIGHBOURS)
