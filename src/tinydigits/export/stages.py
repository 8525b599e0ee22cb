"""The steps of a `Network` that an export computes; normalisation, ReLU and dropout are merged into their neighbours.

Each stage takes a feature map [n, height, width, channels] and returns one. A vector is a map of one pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tinydigits.arrays import AnyFloats
from tinydigits.errors import UnsupportedLayerError
from tinydigits.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    ReLU,
    Shape,
)
from tinydigits.network.network import Network

Linear = Conv2D | Dense
# What an export can compute; other layers are refused.
SUPPORTED = (
    "AveragePooling2D (valid), BatchNormalization, Conv2D, Dense, DepthwiseConv2D, Dropout, Flatten, "
    "GlobalAveragePooling2D, MaxPooling2D, ReLU, SeparableConv2D, and Softmax at the end"
)


@dataclass(frozen=True, eq=False)
class Stage:
    """One step of an exported net.

    Attributes:
        layer: a convolution, depthwise convolution, dense layer or pooling.
        input_shape: (height, width, channels).
        relu: negative outputs become 0.
        mean: the map is replaced by each channel's mean before the layer, which is a dense one.
    """

    layer: Linear | MaxPooling2D | AveragePooling2D
    input_shape: Shape
    relu: bool = False
    mean: bool = False

    @property
    def output_shape(self) -> Shape:
        """(height, width, channels); a dense layer gives (1, 1, units)."""
        if isinstance(self.layer, Dense):
            return (1, 1, self.layer.kernel.shape[1])
        return self.layer.output_shape(self.input_shape)

    def linear(self, x: AnyFloats) -> AnyFloats:
        """Returns the output before ReLU: [n, *input_shape] becomes [n, *output_shape]."""
        if self.mean:
            x = x.mean(axis=(1, 2))
        if isinstance(self.layer, Dense):
            return self.layer.forward(x.reshape(len(x), -1))[:, None, None, :]
        return self.layer.forward(x)

    def forward(self, x: AnyFloats) -> AnyFloats:
        """Returns the output: [n, *input_shape] becomes [n, *output_shape]."""
        return np.maximum(self.linear(x), 0) if self.relu else self.linear(x)


def stages_of(network: Network) -> tuple[Stage, ...]:
    """Returns the stages that compute the logits of `network`.

    Raises:
        UnsupportedLayerError: a layer, its option or its place is not supported; the message names it.
    """
    layers = network.layers[:-1] if network.ends_in_softmax else network.layers
    shapes = [shape for _, shape in network.steps()]
    builder = Builder(map_shape(network.input_shape))
    for index, (layer, shape) in enumerate(zip(layers, shapes, strict=False)):
        add = ADDERS.get(type(layer))
        if add is None or not add(builder, layer):
            raise refused(f"layer {index} ({type(layer).__name__})", layer, shape)
    return builder.finished()


def refused(subject: str, layer: object, shape: Shape) -> UnsupportedLayerError:
    return UnsupportedLayerError(
        subject, found=f"{layer!r} of an input of shape {shape}"[:200], expected=f"one of {SUPPORTED}"
    )


def map_shape(shape: Shape) -> Shape:
    """Returns (height, width, channels) of an input's shape."""
    return shape if len(shape) == 3 else (*shape, *(1,) * (3 - len(shape)))


class Builder:
    """Collects stages, layer by layer. Each method returns False for a layer that cannot stand where it does."""

    def __init__(self, shape: Shape) -> None:
        self.stages: list[Stage] = []
        self.shape = shape
        self.mean = False  # a global average waits for its dense layer
        self.flat = False

    def append(self, layer: Any) -> bool:
        if self.mean and not isinstance(layer, Dense):
            self.dense(identity(self.shape[2]))
        self.stages.append(Stage(layer, self.shape, mean=self.mean))
        self.shape = self.stages[-1].output_shape
        self.mean = False
        return True

    def dense(self, layer: Dense) -> bool:
        return self.append(with_bias(layer, layer.kernel.shape[1]))

    def convolution(self, layer: Conv2D) -> bool:
        return self.append(with_bias(layer, layer.output_shape(self.shape)[2]))

    def average_pooling(self, layer: AveragePooling2D) -> bool:
        return layer.padding == "valid" and self.append(layer)

    def global_average(self, layer: GlobalAveragePooling2D) -> bool:
        self.mean = True
        return True

    def flatten(self, layer: Flatten) -> bool:
        self.flat = True
        return True

    def skip(self, layer: object) -> bool:
        return True

    def relu(self, layer: ReLU) -> bool:
        if self.mean or not self.stages:
            self.append_scale(np.ones(self.shape[2], np.float32), np.zeros(self.shape[2], np.float32))
        place = len(self.stages) - 1
        while place > 0 and isinstance(self.stages[place].layer, MaxPooling2D):
            place -= 1  # the maximum of a window is the same before ReLU as after it
        if isinstance(self.stages[place].layer, MaxPooling2D | AveragePooling2D):
            self.append_scale(np.ones(self.shape[2], np.float32), np.zeros(self.shape[2], np.float32))
            place = len(self.stages) - 1
        self.stages[place] = replace(self.stages[place], relu=True)
        return True

    def normalization(self, layer: BatchNormalization) -> bool:
        if self.flat and self.shape[:2] != (1, 1):
            return False
        scale = layer.gamma / np.sqrt(layer.variance + np.float32(layer.epsilon))
        shift = layer.beta - layer.mean * scale
        last = self.stages[-1] if self.stages and not self.mean else None
        if last is None or last.relu or not isinstance(last.layer, Linear):
            return self.append_scale(scale, shift)
        self.stages[-1] = replace(last, layer=scaled_outputs(last.layer, scale, shift))
        return True

    def append_scale(self, scale: AnyFloats, shift: AnyFloats) -> bool:
        """Adds a depthwise convolution of one pixel, which multiplies each channel and adds to it."""
        return self.append(DepthwiseConv2D(scale.reshape(1, 1, -1, 1), shift))

    def finished(self) -> tuple[Stage, ...]:
        """Returns the stages; the last one is a dense layer, whose outputs are the logits."""
        if self.mean or not self.stages or not isinstance(self.stages[-1].layer, Dense):
            features = self.shape[2] if self.mean else int(np.prod(self.shape))
            self.dense(identity(features))
        return tuple(self.stages)


ADDERS: dict[type, Callable[[Builder, Any], bool]] = {
    AveragePooling2D: Builder.average_pooling,
    BatchNormalization: Builder.normalization,
    Conv2D: Builder.convolution,
    Dense: Builder.dense,
    DepthwiseConv2D: Builder.convolution,
    Dropout: Builder.skip,
    Flatten: Builder.flatten,
    GlobalAveragePooling2D: Builder.global_average,
    MaxPooling2D: Builder.append,
    ReLU: Builder.relu,
}


def identity(features: int) -> Dense:
    return Dense(np.eye(features, dtype=np.float32), None)


def with_bias(layer: Any, outputs: int) -> Any:
    """Returns the layer with a bias of zeros if it has none."""
    return layer if layer.bias is not None else replace(layer, bias=np.zeros(outputs, np.float32))


def scaled_outputs(layer: Any, scale: AnyFloats, shift: AnyFloats) -> Any:
    """Returns the linear layer whose outputs are those of `layer`, times `scale`, plus `shift`."""
    factors = scale.reshape(layer.kernel.shape[2:]) if isinstance(layer, DepthwiseConv2D) else scale
    return replace(layer, kernel=layer.kernel * factors, bias=layer.bias * scale + shift)
