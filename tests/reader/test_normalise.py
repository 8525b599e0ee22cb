import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tinydigits.data.dataset import scaled
from tinydigits.errors import NoInkError
from tinydigits.reader.normalise import BOX, SIDE, area_weights, normalise


def test_mnists_own_images_come_back_as_they_were(whole_mnist):
    images = whole_mnist.test.images[:1000]
    bright = images[images.max(axis=(1, 2)) == 255]
    assert len(bright) > 800
    same = [np.array_equal(normalise(scaled(image)), image) for image in bright]
    assert np.mean(same) == 1


@given(arrays(np.float32, st.tuples(st.integers(1, 90), st.integers(1, 90)), elements=st.floats(0, 1, width=16)))
def test_any_ink_fills_its_box_and_centres_its_mass(ink):
    if not ink.any():
        with pytest.raises(NoInkError):
            normalise(ink)
        return
    image = normalise(ink)
    assert (image.shape, image.dtype, image.max()) == ((SIDE, SIDE), np.uint8, 255)
    rows, columns = np.nonzero(image)
    assert max(np.ptp(rows), np.ptp(columns)) < BOX


def test_an_enlarged_digit_gives_the_same_picture(few_digits):
    ink = scaled(few_digits.images[0])
    large = np.kron(ink, np.ones((4, 4), np.float32))
    assert np.abs(normalise(large).astype(int) - normalise(ink)).max() <= 1


def test_the_shape_is_kept():
    image = normalise(np.ones((40, 10), np.float32))
    rows, columns = np.nonzero(image)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (20, 5)


@given(st.integers(1, 200), st.integers(1, 30))
def test_weights_share_out_all_of_every_old_pixel(old, new):
    weights = area_weights(old, new)
    assert np.allclose(weights.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(weights.sum(axis=0) * old / new, 1, atol=1e-4)
