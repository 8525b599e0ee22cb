"""The ONNX graph of a `Network`, and back.

A graph is one chain: each node takes the output of the one before it, and weights. Reading is strict: a graph
that this module would not have written is refused, so that what was read is also what is run.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tinydigits.errors import TinydigitsError
from tinydigits.layers import (
    Array,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPooling2D,
    Padding,
    ReLU,
    Shape,
    Size,
    Softmax,
    pads_of,
)
from tinydigits.network import Network

OPERATORS = {"Unsqueeze", "Transpose", "Conv", "MaxPool", "Flatten", "Dropout", "Gemm", "Relu", "Softmax"}
CHANNELS_FIRST = [0, 3, 1, 2]
CHANNELS_LAST = [0, 2, 3, 1]
# A net that ends in logits has no softmax layer; the file gives probabilities all the same.
ADDED_SOFTMAX = "probabilities_of_logits"


class GraphError(ValueError):
    """A graph that this module would not have written."""


@dataclass(frozen=True)
class Step:
    """A node still without the names of its input and output."""

    operator: str
    weights: tuple[tuple[str, Array], ...] = ()
    attributes: tuple[tuple[str, Any], ...] = ()


def graph_from_network(network: Network) -> onnx.GraphProto:
    """The graph, with input `image` and outputs `logits` and `probabilities`."""
    steps = [(step.operator.lower(), step) for step in opening(network.input_shape)]
    for index, (layer, shape) in enumerate(network.steps()):
        steps += [(f"layer{index}_{step.operator.lower()}", step) for step in steps_of(layer, shape)]
    if not network.ends_in_softmax:
        steps.append((ADDED_SOFTMAX, Step("Softmax", attributes=(("axis", -1),))))
    names = [name for name, _ in steps]
    outputs = [*names[:-2], "logits", "probabilities"]
    inputs = ["image", *outputs[:-1]]
    return helper.make_graph(
        [node_of(*step, *ends) for step, ends in zip(steps, zip(inputs, outputs, strict=True), strict=True)],
        "tinydigits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", *image_shape(network.input_shape)])],
        [
            helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", network.classes])
            for output in ("logits", "probabilities")
        ],
        [numpy_helper.from_array(value, f"{name}.{key}") for name, step in steps for key, value in step.weights],
    )


def node_of(name: str, step: Step, source: str, target: str) -> onnx.NodeProto:
    weights = [f"{name}.{key}" for key, _ in step.weights]
    return helper.make_node(step.operator, [source, *weights], [target], name=name, **dict(step.attributes))


def image_shape(shape: Shape) -> Shape:
    """What a caller feeds: one channel needs no axis of its own."""
    return shape[:2] if shape[2:] == (1,) else shape


def opening(shape: Shape) -> Iterator[Step]:
    """From the caller's picture to channels-first, where the net has channels."""
    if shape[2:] == (1,):
        yield Step("Unsqueeze", weights=(("axes", np.array([1], np.int64)),))
    elif len(shape) == 3:
        yield Step("Transpose", attributes=(("perm", CHANNELS_FIRST),))


def steps_of(layer: Layer, shape: Shape) -> Iterator[Step]:
    """The nodes of one layer with an input of `shape`."""
    match layer:
        case Conv2D():
            # Keras [height, width, channels, filters] → ONNX [filters, channels, height, width]
            kernel = ("kernel", layer.kernel.transpose(3, 2, 0, 1).copy())
            pads = ("pads", pad_list(shape, layer.kernel_size, (1, 1), layer.padding))
            yield Step("Conv", (kernel, *bias_of(layer.bias)), (("kernel_shape", list(layer.kernel_size)), pads))
        case MaxPooling2D():
            pads = ("pads", pad_list(shape, layer.pool_size, layer.strides, layer.padding))
            sizes = (("kernel_shape", list(layer.pool_size)), ("strides", list(layer.strides)))
            yield Step("MaxPool", attributes=(*sizes, pads))
        case Flatten():
            if len(shape) == 3:
                yield Step("Transpose", attributes=(("perm", CHANNELS_LAST),))
            yield Step("Flatten", attributes=(("axis", 1),))
        case Dropout():
            yield Step("Dropout", (("rate", np.array(layer.rate, np.float32)),))
        case Dense():
            yield Step("Gemm", (("kernel", layer.kernel), *bias_of(layer.bias)))
        case ReLU():
            yield Step("Relu")
        case Softmax():
            yield Step("Softmax", attributes=(("axis", -1),))
        case _:
            raise TypeError(f"no ONNX node is known for {type(layer).__name__}")


def network_from_graph(graph: onnx.GraphProto) -> Network:
    """The `Network` that a graph was written from.

    Raises:
        GraphError: writing the network again does not give the same graph, whatever the reason.
    """
    try:
        values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        layers = [layer for node in graph.node for layer in layers_of(node, values)]
        network = Network(input_shape_of(graph), tuple(layers))
        same = graph_from_network(network) == graph
    except (TinydigitsError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise GraphError(f"a graph that is not a chain of known layers ({error})") from error
    if not same:
        raise GraphError("a graph that tinydigits would have written otherwise")
    return network


def input_shape_of(graph: onnx.GraphProto) -> Shape:
    sizes = tuple(dimension.dim_value for dimension in graph.input[0].type.tensor_type.shape.dim)[1:]
    return (*sizes, 1) if graph.node[0].op_type == "Unsqueeze" else sizes


def layers_of(node: onnx.NodeProto, values: dict[str, Array]) -> Sequence[Layer]:
    """The layer that a node stands for; none for those that only turn axes."""
    if node.op_type in ("Unsqueeze", "Transpose") or node.name == ADDED_SOFTMAX:
        return ()
    weights = [values[name] for name in node.input[1:]]
    options = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    return (READERS[node.op_type](weights, options),)


def conv_from(weights: list[Array], options: dict[str, Any]) -> Conv2D:
    # ONNX [filters, channels, height, width] → Keras [height, width, channels, filters]
    kernel = weights[0].transpose(2, 3, 1, 0).copy()
    return Conv2D(kernel, weights[1] if weights[1:] else None, padding_of(options))


def pooling_from(weights: list[Array], options: dict[str, Any]) -> MaxPooling2D:
    return MaxPooling2D(size(options["kernel_shape"]), size(options["strides"]), padding_of(options))


def dropout_from(weights: list[Array], options: dict[str, Any]) -> Dropout:
    return Dropout(float(str(weights[0])))  # by way of text: float32's 0.3 is Python's 0.3 again


def dense_from(weights: list[Array], options: dict[str, Any]) -> Dense:
    return Dense(weights[0], weights[1] if weights[1:] else None)


READERS: dict[str, Callable[[list[Array], dict[str, Any]], Layer]] = {
    "Conv": conv_from,
    "MaxPool": pooling_from,
    "Flatten": lambda weights, options: Flatten(),
    "Dropout": dropout_from,
    "Gemm": dense_from,
    "Relu": lambda weights, options: ReLU(),
    "Softmax": lambda weights, options: Softmax(),
}


def pad_list(shape: Shape, window: Size, strides: Size, padding: Padding) -> list[int]:
    """ONNX's order: above, left, below, right."""
    (above, below), (left, right) = pads_of(shape, window, strides, padding)
    return [above, left, below, right]


def padding_of(options: dict[str, Any]) -> Padding:
    """ "same" where anything is padded; windows that need no padding are "valid" either way."""
    return "same" if any(options["pads"]) else "valid"


def size(values: Sequence[int]) -> Size:
    height, width = values
    return height, width


def bias_of(bias: Array | None) -> tuple[tuple[str, Array], ...]:
    return () if bias is None else (("bias", bias),)
