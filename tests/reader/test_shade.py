import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageFilter

from tinydigits.reader.ink import find_ink
from tinydigits.reader.shade import blurred, closed, noise_of, page_ink, run_lengths


def sheet(*, shadow=1.0, noise=0.0):
    """Paper of 200 with strokes of 90, its right half in shadow: uint8-like float32 [300, 400]."""
    grey = np.full((300, 400), 200, np.float32)
    grey[40:260:40, 20:380] = 90
    grey[40:260:40, 190:210] = 200
    grey[:, 200:] *= shadow
    grey += np.random.default_rng(0).normal(0, noise, grey.shape) if noise else 0
    return np.clip(grey, 0, 255).astype(np.float32)


@given(
    arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12))),
    st.integers(0, 7).map(lambda half: 2 * half + 1),
)
def test_closing_only_brightens_and_invents_no_brightness(image, size):
    paper = closed(image, size)
    assert paper.shape == image.shape
    assert (paper >= image).all()
    assert paper.max() == image.max()


@given(arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_both_axes_are_blurred_as_pillow_does(image):
    expected = np.asarray(Image.fromarray(image).filter(ImageFilter.BoxBlur(1)))
    assert np.array_equal(blurred(blurred(image.T).T), expected)


@pytest.mark.parametrize("size", [5, 7])
def test_closing_fills_what_is_narrower_than_its_square_and_nothing_else(size):
    image = np.full((60, 60), 200, np.uint8)
    image[5:55, 10 : 10 + size - 1] = 50
    image[5:55, 30 : 30 + size] = 50
    paper = closed(image, size)
    assert (paper[:, 10 : 10 + size - 1] == 200).all()
    assert np.array_equal(paper[:, 25:50], image[:, 25:50])


def test_the_edge_of_a_shadow_is_no_ink_and_strokes_in_it_are():
    grey = sheet(shadow=0.4)
    ink = page_ink(grey, find_ink(grey, 1.0))
    mask = ink.contrast > ink.threshold
    assert not mask[45:75, 150:250].any()
    assert mask[40, 30:180].all()
    assert mask[40, 220:370].all()


def test_the_first_look_alone_takes_the_edge_for_ink():
    ink = find_ink(sheet(shadow=0.4), 1.0)
    assert (ink.contrast > ink.threshold)[45:75, 150:250].any()


def test_noise_is_told_where_it_is():
    contrast = np.zeros((128, 256), np.float32)
    contrast[:, 128:] = np.random.default_rng(0).normal(0, 0.1, (128, 128))
    field = noise_of(contrast)
    assert field[:, :64].max() == 0
    assert field[:, 192:].mean() == pytest.approx(0.4, rel=0.4)


def test_a_picture_smaller_than_a_block_has_no_noise():
    assert noise_of(np.ones((5, 300), np.float32)).max() == 0


def test_runs_are_counted_line_by_line():
    lines = np.array([[1, 1, 0, 1], [1, 0, 0, 0], [0, 0, 1, 1]], bool)
    assert run_lengths(lines).tolist() == [2, 1, 1, 2]
