"""Converts each kind of layer to ONNX nodes and back; writer and reader of a kind stand together.

A layer becomes one or two nodes of a chain. Only one of them represents the layer; the other changes axes. Images are
channels-first in ONNX and channels-last in a `Network`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinydigits.network.layers import (
    Array,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    LeakyReLU,
    MaxPooling2D,
    Padding,
    ReLU,
    Shape,
    Size,
    Softmax,
    pads_of,
)

# Axes of a transposition from channels-first to channels-last.
CHANNELS_LAST = [0, 2, 3, 1]
Options = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """An ONNX node before its input and output have names."""

    operator: str
    weights: tuple[tuple[str, Array], ...] = ()
    attributes: tuple[tuple[str, Any], ...] = ()


# Kernels of convolutions: [height, width, channels, filters] in Keras, [filters, channels, height, width] in ONNX.
# A depthwise convolution has one group per channel in ONNX. Its kernel is [height, width, channels, filters per
# channel] in Keras, and [all filters, 1, height, width] in ONNX.


def write_convolution(layer: Conv2D, shape: Shape) -> Iterator[Step]:
    kernel = layer.kernel.transpose(3, 2, 0, 1).copy()
    yield Step("Conv", (("kernel", kernel), *bias_of(layer.bias)), convolution_windows(layer, shape))


def write_depthwise(layer: DepthwiseConv2D, shape: Shape) -> Iterator[Step]:
    height, width = layer.kernel_size
    kernel = layer.kernel.transpose(2, 3, 0, 1).reshape(-1, 1, height, width)
    windows = (*convolution_windows(layer, shape), ("group", shape[2]))
    yield Step("Conv", (("kernel", kernel), *bias_of(layer.bias)), windows)


def convolution_windows(layer: Conv2D, shape: Shape) -> tuple[tuple[str, list[int]], ...]:
    """Returns the attributes of `windows_of` without strides of 1, which are ONNX's default."""
    windows = windows_of(shape, layer.kernel_size, layer.strides, layer.padding)
    return tuple((name, values) for name, values in windows if (name, values) != ("strides", [1, 1]))


def read_convolution(weights: list[Array], options: Options) -> Conv2D:
    kernel, bias = weights[0], weights[1] if weights[1:] else None
    windows = padding_of(options), size(options.get("strides", (1, 1)))
    if "group" not in options:
        return Conv2D(kernel.transpose(2, 3, 1, 0).copy(), bias, *windows)
    by_channel = kernel.reshape(options["group"], -1, *kernel.shape[2:])
    return DepthwiseConv2D(by_channel.transpose(2, 3, 0, 1).copy(), bias, *windows)


def write_max_pooling(layer: MaxPooling2D, shape: Shape) -> Iterator[Step]:
    yield Step("MaxPool", attributes=windows_of(shape, layer.pool_size, layer.strides, layer.padding))


def read_max_pooling(weights: list[Array], options: Options) -> MaxPooling2D:
    return MaxPooling2D(size(options["kernel_shape"]), size(options["strides"]), padding_of(options))


def write_average_pooling(layer: AveragePooling2D, shape: Shape) -> Iterator[Step]:
    windows = windows_of(shape, layer.pool_size, layer.strides, layer.padding)
    yield Step("AveragePool", attributes=(*windows, ("count_include_pad", 0)))


def read_average_pooling(weights: list[Array], options: Options) -> AveragePooling2D:
    return AveragePooling2D(size(options["kernel_shape"]), size(options["strides"]), padding_of(options))


def write_global_pooling(layer: GlobalAveragePooling2D, shape: Shape) -> Iterator[Step]:
    yield Step("GlobalAveragePool")  # [n, channels, 1, 1]
    yield Step("Squeeze", (("axes", np.array([2, 3], np.int64)),))


def write_flatten(layer: Flatten, shape: Shape) -> Iterator[Step]:
    if len(shape) == 3:
        yield Step("Transpose", attributes=(("perm", CHANNELS_LAST),))
    yield Step("Flatten", attributes=(("axis", 1),))


def write_dense(layer: Dense, shape: Shape) -> Iterator[Step]:
    yield Step("Gemm", (("kernel", layer.kernel), *bias_of(layer.bias)))


def read_dense(weights: list[Array], options: Options) -> Dense:
    return Dense(weights[0], weights[1] if weights[1:] else None)


def write_normalization(layer: BatchNormalization, shape: Shape) -> Iterator[Step]:
    names = ("gamma", "beta", "mean", "variance")
    numbers = (("epsilon", layer.epsilon), ("momentum", layer.momentum))
    yield Step("BatchNormalization", tuple(zip(names, layer.weights, strict=True)), numbers)


def read_normalization(weights: list[Array], options: Options) -> BatchNormalization:
    gamma, beta, mean, variance = weights
    return BatchNormalization(gamma, beta, mean, variance, exact(options["epsilon"]), exact(options["momentum"]))


def write_dropout(layer: Dropout, shape: Shape) -> Iterator[Step]:
    yield Step("Dropout", (("rate", np.array(layer.rate, np.float32)),))


def read_dropout(weights: list[Array], options: Options) -> Dropout:
    return Dropout(exact(weights[0]))


def write_leaky(layer: LeakyReLU, shape: Shape) -> Iterator[Step]:
    yield Step("LeakyRelu", attributes=(("alpha", layer.negative_slope),))


def read_leaky(weights: list[Array], options: Options) -> LeakyReLU:
    return LeakyReLU(exact(options["alpha"]))


def write_relu(layer: ReLU, shape: Shape) -> Iterator[Step]:
    yield Step("Relu")


def write_softmax(layer: Softmax, shape: Shape) -> Iterator[Step]:
    yield Step("Softmax", attributes=(("axis", -1),))


WRITERS: dict[type, Callable[[Any, Shape], Iterator[Step]]] = {
    Conv2D: write_convolution,
    DepthwiseConv2D: write_depthwise,
    MaxPooling2D: write_max_pooling,
    AveragePooling2D: write_average_pooling,
    GlobalAveragePooling2D: write_global_pooling,
    Flatten: write_flatten,
    Dense: write_dense,
    BatchNormalization: write_normalization,
    Dropout: write_dropout,
    LeakyReLU: write_leaky,
    ReLU: write_relu,
    Softmax: write_softmax,
}
READERS: dict[str, Callable[[list[Array], Options], Layer]] = {
    "Conv": read_convolution,
    "MaxPool": read_max_pooling,
    "AveragePool": read_average_pooling,
    "GlobalAveragePool": lambda weights, options: GlobalAveragePooling2D(),
    "Flatten": lambda weights, options: Flatten(),
    "Gemm": read_dense,
    "BatchNormalization": read_normalization,
    "Dropout": read_dropout,
    "LeakyRelu": read_leaky,
    "Relu": lambda weights, options: ReLU(),
    "Softmax": lambda weights, options: Softmax(),
}
# Operators that only change axes. They follow from the layers around them.
AXES = {"Unsqueeze", "Transpose", "Squeeze"}


def windows_of(shape: Shape, window: Size, strides: Size, padding: Padding) -> tuple[tuple[str, list[int]], ...]:
    """Returns the attributes of windows; ONNX orders pads as above, left, below, right."""
    (above, below), (left, right) = pads_of(shape, window, strides, padding)
    return ("kernel_shape", list(window)), ("strides", list(strides)), ("pads", [above, left, below, right])


def padding_of(options: Options) -> Padding:
    """Returns "same" if there is any padding; windows without padding are "valid" in both cases."""
    return "same" if any(options["pads"]) else "valid"


def size(values: Sequence[int]) -> Size:
    height, width = values
    return height, width


def bias_of(bias: Array | None) -> tuple[tuple[str, Array], ...]:
    return () if bias is None else (("bias", bias),)


def exact(value: Any) -> float:
    """Converts a float32 to the Python number that was stored: through text, 0.3 stays 0.3."""
    return float(str(np.float32(value)))
