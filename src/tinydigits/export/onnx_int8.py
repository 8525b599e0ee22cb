"""Writes an int8 net as ONNX: whole numbers between `QuantizeLinear` and `DequantizeLinear` nodes (QDQ).

The whole numbers are those of the int8 C, from `quantise`. A runtime that knows int8 computes with them; any other one
computes the same in floats. ONNX rounds halves to even where `reference` rounds them up, so a value of a feature map
may differ by one from the C's.

Every stage is a convolution or a pooling of [n, channels, height, width]: a dense layer is a convolution whose window
is the whole map.

Weights are stored as uint8 around 128. With int8 weights ONNX Runtime uses, on x86 processors without VNNI, an
instruction that adds two products in 16 bits: they overflow, and answers are wrong. With uint8 weights it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tinydigits.data.dataset import without_channel_axis
from tinydigits.export.integers import Integers, IntegerStage, Scale
from tinydigits.export.reference import constant
from tinydigits.formats.onnx.layers import windows_of
from tinydigits.formats.onnx.nodes import CHANNELS_FIRST
from tinydigits.network.layers import Array, AveragePooling2D, Conv2D, Dense, DepthwiseConv2D, MaxPooling2D, Shape

# Weights, −127 to 127, are stored as whole numbers of 8 bits without a sign, around this one.
WEIGHT_ZERO = 128


@dataclass
class Graph:
    """A chain of nodes that grows; `last` is the name of its latest output."""

    last: str = "image"
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)

    def add(self, name: str, operator: str, *inputs: str, **attributes: object) -> None:
        self.nodes.append(helper.make_node(operator, [self.last, *inputs], [name], name=name, **attributes))
        self.last = name

    def weight(self, name: str, value: Array) -> str:
        self.weights.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name


def int8_graph(stages: Sequence[IntegerStage], input_shape: Shape) -> onnx.GraphProto:
    """Returns the graph, with input `image` and outputs `logits` and `probabilities`, as the float file has them.

    Args:
        input_shape: of the network, (height, width) or (height, width, channels).
    """
    graph = Graph()
    channels_first(graph, input_shape)
    rounded_to(graph, "image", stages[0].input)
    for index, stage in enumerate(stages):
        ADDERS.get(type(stage.stage.layer), linear)(graph, f"stage{index}", stage)
        if stage is not stages[-1]:
            rounded_to(graph, f"stage{index}", stage.output)
    graph.add("logits", "Flatten", axis=1)
    graph.add("probabilities", "Softmax", axis=-1)
    classes = stages[-1].stage.output_shape[2]
    return helper.make_graph(
        graph.nodes,
        "tinydigits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", *without_channel_axis(input_shape)])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", classes])
            for name in ("logits", "probabilities")
        ],
        graph.weights,
    )


def channels_first(graph: Graph, shape: Shape) -> None:
    """Adds the node that makes [n, channels, height, width] of the images."""
    axes = {1: [1, 3], 2: [1]}.get(len(without_channel_axis(shape)))
    if axes:
        graph.add("image_channels", "Unsqueeze", graph.weight("image_axes", np.array(axes, np.int64)))
    else:
        graph.add("image_channels", "Transpose", perm=CHANNELS_FIRST)


def rounded_to(graph: Graph, name: str, meaning: Scale) -> None:
    """Adds the nodes that round a feature map to whole numbers."""
    scale = graph.weight(f"{name}_scale", np.array(meaning.scale, np.float32))
    zero = graph.weight(f"{name}_zero", np.array(meaning.zero, np.uint8))
    graph.add(f"{name}_rounded", "QuantizeLinear", scale, zero)
    graph.add(f"{name}_float", "DequantizeLinear", scale, zero)


def linear(graph: Graph, name: str, stage: IntegerStage) -> None:
    """Adds a convolution with int8 weights and an int32 bias."""
    if stage.stage.mean:
        graph.add(f"{name}_mean", "GlobalAveragePool")
    kernel = stored(graph, f"{name}_weights", (kernel_of(stage) + WEIGHT_ZERO).astype(np.uint8), weight_scales(stage))
    bias = stored(graph, f"{name}_bias", biases_of(stage).astype(np.int32), total_scales(stage))
    graph.add(name, "Conv", kernel, bias, **dict(window_attributes(stage)))
    if stage.stage.relu and stage.shifts is None:
        graph.add(f"{name}_relu", "Relu")


def stored(graph: Graph, name: str, values: Integers, scales: Array) -> str:
    """Adds weights with a scale for each output; returns the name of them as floats."""
    inputs = [
        graph.weight(f"{name}_int", values),
        graph.weight(f"{name}_scales", scales.astype(np.float32)),
        graph.weight(f"{name}_zeros", np.full(len(scales), WEIGHT_ZERO * (values.dtype == np.uint8), values.dtype)),
    ]
    graph.nodes.append(helper.make_node("DequantizeLinear", inputs, [name], name=name, axis=0))
    return name


def total_scales(stage: IntegerStage) -> Array:
    """Returns what one step of a total means, [outputs]."""
    shifts = 0 if stage.shifts is None else stage.shifts
    return np.full(stage.stage.output_shape[2], stage.output.scale) / np.exp2(shifts)


def weight_scales(stage: IntegerStage) -> Array:
    """Returns what one step of a weight means, [outputs]. A total of means is the sum of all pixels."""
    area = int(np.prod(stage.stage.input_shape[:2])) if stage.stage.mean else 1
    return total_scales(stage) / stage.input.scale * area


def biases_of(stage: IntegerStage) -> Integers:
    """Returns what is added to the products of weights and real inputs, in units of both scales.

    `constant` contains half of an output's step, which ONNX adds itself when it rounds, and the output's zero.
    """
    whole = constant(stage)
    if stage.shifts is None:
        return whole
    return np.asarray(whole - (stage.output.zero << stage.shifts) - ((1 << stage.shifts) >> 1))


def kernel_of(stage: IntegerStage) -> Integers:
    """Returns weights in ONNX's order, [outputs, channels of a group, height, width]."""
    assert stage.weights is not None
    layer = stage.stage.layer
    if isinstance(layer, Dense):
        height, width, channels = (1, 1, len(stage.weights)) if stage.stage.mean else stage.stage.input_shape
        return np.asarray(stage.weights.reshape(height, width, channels, -1).transpose(3, 2, 0, 1))
    if isinstance(layer, DepthwiseConv2D):
        return stage.weights.transpose(2, 3, 0, 1).reshape(-1, 1, *stage.weights.shape[:2])
    return stage.weights.transpose(3, 2, 0, 1)


def window_attributes(stage: IntegerStage) -> Iterator[tuple[str, object]]:
    layer = stage.stage.layer
    if isinstance(layer, Conv2D):
        yield from windows_of(stage.stage.input_shape, layer.kernel_size, layer.strides, layer.padding)
    if isinstance(layer, DepthwiseConv2D):
        yield "group", stage.stage.input_shape[2]


def pooling(operator: str) -> Callable[[Graph, str, IntegerStage], None]:
    def add(graph: Graph, name: str, stage: IntegerStage) -> None:
        layer = stage.stage.layer
        assert isinstance(layer, MaxPooling2D | AveragePooling2D)
        windows = windows_of(stage.stage.input_shape, layer.pool_size, layer.strides, layer.padding)
        graph.add(name, operator, **dict(windows))

    return add


ADDERS: dict[type, Callable[[Graph, str, IntegerStage], None]] = {
    MaxPooling2D: pooling("MaxPool"),
    AveragePooling2D: pooling("AveragePool"),
}
