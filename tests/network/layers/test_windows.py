"""Layers with windows against their definition: a loop over all outputs, windows and channels."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinydigits.network.layers import AveragePooling2D, Conv2D, DepthwiseConv2D, GlobalAveragePooling2D, MaxPooling2D
from tinydigits.network.layers.windows import same_padding


@st.composite
def windows(draw):
    """An input [2, height, width, channels], a window that fits it, strides, and the padding's name."""
    height, width, channels = (draw(st.integers(1, 6)) for _ in range(3))
    window = draw(st.integers(1, height)), draw(st.integers(1, width))
    strides = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    random = np.random.default_rng(draw(st.integers(0, 2**16)))
    x = random.integers(-9, 10, (2, height, width, channels)).astype(float)
    return x, window, strides, draw(st.sampled_from(["valid", "same"]))


def places(size, window, stride, padding):
    """Along one axis: for each window, its (place in the window, place in the input) within the input."""
    count = math.ceil(size / stride) if padding == "same" else (size - window) // stride + 1
    before = max((count - 1) * stride + window - size, 0) // 2 if padding == "same" else 0
    for index in range(count):
        yield [(k, index * stride - before + k) for k in range(window) if 0 <= index * stride - before + k < size]


def by_definition(x, window, strides, padding, reduce):
    """`reduce(image, rows, columns)` for all windows, whose result is a row of channels."""
    rows, columns = (list(places(*along, padding)) for along in zip(x.shape[1:3], window, strides, strict=True))
    return np.array([[[reduce(image, row, column) for column in columns] for row in rows] for image in x])


@settings(deadline=None)
@given(windows(), st.integers(1, 3), st.booleans())
def test_a_convolution_is_the_sum_over_its_window_and_all_channels(drawn, filters, with_bias):
    x, window, strides, padding = drawn
    random = np.random.default_rng(1)
    kernel = random.integers(-9, 10, (*window, x.shape[3], filters)).astype(float)
    bias = random.integers(-9, 10, filters).astype(float) if with_bias else None
    layer = Conv2D(kernel, bias, padding, strides)

    def summed(image, rows, columns):
        total = sum(image[i, j] @ kernel[a, b] for a, i in rows for b, j in columns)
        return total + (0 if bias is None else bias)

    expected = by_definition(x, window, strides, padding, summed)
    assert np.array_equal(layer.forward(x), expected)
    assert layer.output_shape(x.shape[1:]) == expected.shape[1:]
    assert layer.accepts(x.shape[1:])
    assert layer.multiply_adds(x.shape[1:]) == expected[0].size * kernel[..., 0].size


@settings(deadline=None)
@given(windows(), st.integers(1, 3))
def test_a_depthwise_convolution_is_the_sum_over_its_window_in_one_channel(drawn, multiplier):
    x, window, strides, padding = drawn
    kernel = np.random.default_rng(1).integers(-9, 10, (*window, x.shape[3], multiplier)).astype(float)
    layer = DepthwiseConv2D(kernel, None, padding, strides)

    def summed(image, rows, columns):
        return sum((image[i, j][:, None] * kernel[a, b]).ravel() for a, i in rows for b, j in columns)

    expected = by_definition(x, window, strides, padding, summed)
    assert np.array_equal(layer.forward(x), expected)
    assert layer.output_shape(x.shape[1:]) == expected.shape[1:]
    assert layer.accepts(x.shape[1:])
    assert layer.multiply_adds(x.shape[1:]) == expected[0].size * kernel[..., 0, 0].size


@settings(deadline=None)
@given(windows(), st.sampled_from([(MaxPooling2D, np.max), (AveragePooling2D, np.mean)]))
def test_a_pooling_takes_the_largest_or_the_mean_of_what_lies_inside(drawn, kind):
    x, window, strides, padding = drawn
    layer = kind[0](window, strides, padding)

    def pooled(image, rows, columns):
        return kind[1]([image[i, j] for _, i in rows for _, j in columns], axis=0)

    expected = by_definition(x, window, strides, padding, pooled)
    assert np.allclose(layer.forward(x), expected)
    assert layer.output_shape(x.shape[1:]) == expected.shape[1:]


@pytest.mark.parametrize("kind", [Conv2D, DepthwiseConv2D])
@pytest.mark.parametrize(
    ("kernel", "bias", "shape", "fits"),
    [
        ((2, 2, 3, 1), 0, (4, 4, 3), True),
        ((2, 2, 3, 1), 0, (4, 4, 2), False),
        ((2, 2, 3, 1), 0, (4, 4), False),
        ((2, 2, 3), 0, (4, 4, 3), False),
        ((2, 2, 3, 1), 2, (4, 4, 3), False),
    ],
)
def test_channels_and_bias_have_to_fit(kind, kernel, bias, shape, fits):
    assert kind(np.zeros(kernel), np.zeros(bias) if bias else None).accepts(shape) is fits


@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 5))
def test_padding_makes_room_for_just_so_many_windows(size, window, stride):
    before, after = same_padding(size, window, stride)
    assert 0 <= after - before <= 1
    padded = size + before + after
    assert (padded - window) // stride + 1 == math.ceil(size / stride) or window < stride
    assert before + after == 0 or (padded - window) % stride == 0


@pytest.mark.parametrize("layer", [MaxPooling2D(), AveragePooling2D(), GlobalAveragePooling2D()])
def test_a_pooling_takes_images_with_channels_alone(layer):
    assert [layer.accepts(shape) for shape in ((4, 4, 1), (4, 4), (16,), (4, 4, 1, 1))] == [True, False, False, False]
