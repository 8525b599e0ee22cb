import numpy as np
import pytest

from tinydigits.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    LeakyReLU,
    MaxPooling2D,
    ReLU,
    Softmax,
    same_padding,
    softmax,
)

SQUARE = np.arange(9, dtype=np.float32).reshape(1, 3, 3, 1)


def test_same_padding_puts_the_odd_pixel_after():
    assert same_padding(28, 2, 1) == (0, 1)
    assert same_padding(28, 3, 1) == (1, 1)
    assert same_padding(7, 2, 2) == (0, 1)
    assert same_padding(8, 2, 2) == (0, 0)


def test_a_valid_convolution_is_a_sum_of_windows():
    layer = Conv2D(np.ones((2, 2, 1, 1), np.float32), np.array([100], np.float32))
    # 0+1+3+4 = 8, 1+2+4+5 = 12, 3+4+6+7 = 20, 4+5+7+8 = 24
    assert layer.forward(SQUARE).ravel().tolist() == [108, 112, 120, 124]


def test_a_same_convolution_of_two_by_two_pads_below_and_right():
    layer = Conv2D(np.ones((2, 2, 1, 1), np.float32), None, "same")
    assert layer.forward(SQUARE).reshape(3, 3).tolist() == [[8, 12, 7], [20, 24, 13], [13, 15, 8]]


def test_a_convolution_counts_its_parameters_and_multiply_adds():
    layer = Conv2D(np.zeros((2, 2, 5, 5), np.float32), np.zeros(5, np.float32), "same")
    assert layer.parameters == 2 * 2 * 5 * 5 + 5
    assert layer.multiply_adds((14, 14, 5)) == 14 * 14 * 5 * (2 * 2 * 5)
    assert layer.output_shape((14, 14, 5)) == (14, 14, 5)


def test_pooling_takes_the_largest_and_never_the_padding():
    assert MaxPooling2D().forward(-SQUARE).ravel().tolist() == [0]
    assert MaxPooling2D(padding="same").forward(-SQUARE).reshape(2, 2).tolist() == [[0, -2], [-6, -8]]


def test_a_stride_skips_outputs():
    kernel = np.ones((2, 2, 1, 1), np.float32)
    every = Conv2D(kernel, None, "same").forward(SQUARE)
    assert np.array_equal(Conv2D(kernel, None, "same", (2, 2)).forward(SQUARE), every[:, ::2, ::2])


def test_a_depthwise_convolution_keeps_channels_apart():
    two = np.concatenate([SQUARE, -SQUARE], axis=3)
    layer = DepthwiseConv2D(np.array([[[[1, 10], [1, 10]]]], np.float32), None)
    assert layer.forward(two)[0, 0, 1].tolist() == [1, 10, -1, -10]
    assert layer.output_shape((3, 3, 2)) == (3, 3, 4)
    assert layer.multiply_adds((3, 3, 2)) == 3 * 3 * 4
    assert layer.parameters == 4


def test_an_average_leaves_the_padding_out():
    assert AveragePooling2D(padding="same").forward(SQUARE).reshape(2, 2).tolist() == [[2, 3.5], [6.5, 8]]
    assert GlobalAveragePooling2D().forward(SQUARE).tolist() == [[4]]
    assert GlobalAveragePooling2D().output_shape((3, 3, 5)) == (5,)


def test_batch_normalisation_trains_gamma_and_beta_alone():
    two, three = np.full(1, 2, np.float32), np.full(1, 3, np.float32)
    layer = BatchNormalization(gamma=two, beta=three, mean=two, variance=np.full(1, 4, np.float32), epsilon=0.0)
    # 2 · (x − 2) / √4 + 3 = x + 1
    assert layer.forward(SQUARE).ravel().tolist() == list(range(1, 10))
    assert layer.parameters == 2
    assert len(layer.weights) == 4


def test_flatten_goes_by_height_then_width_then_channel():
    picture = np.arange(12).reshape(1, 2, 3, 2)
    assert Flatten().forward(picture).ravel().tolist() == list(range(12))
    assert Flatten().output_shape((2, 3, 2)) == (12,)


def test_dense_counts_its_parameters_and_multiply_adds():
    layer = Dense(np.zeros((784, 12), np.float32), np.zeros(12, np.float32))
    assert (layer.parameters, layer.multiply_adds((784,))) == (784 * 12 + 12, 784 * 12)


def test_inference_knows_no_dropout():
    assert Dropout(0.9).forward(SQUARE) is SQUARE


def test_relu_keeps_what_is_positive():
    assert ReLU().forward(np.array([-1.0, 0.0, 2.0])).tolist() == [0, 0, 2]
    assert LeakyReLU(0.5).forward(np.array([-1.0, 0.0, 2.0])).tolist() == [-0.5, 0, 2]


def test_softmax_of_huge_logits_does_not_overflow():
    assert softmax(np.array([[1e30, 1e30, -1e30]], np.float32)).tolist() == [[0.5, 0.5, 0]]
    assert Softmax().forward(np.zeros((1, 4))).tolist() == [[0.25] * 4]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_forward_pass_computes_in_the_type_of_its_input(dtype):
    layer = Conv2D(np.ones((2, 2, 1, 1), np.float32), np.ones(1, np.float32))
    assert layer.forward(SQUARE.astype(dtype)).dtype == dtype
