"""Converts a `Network` to an ONNX graph and back.

A graph is one chain: each node takes the output of the node before it, and weights. Reading is strict: it refuses any
graph that this module would not have written. So the network that was read is exactly the one that runs.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tinydigits.data.dataset import without_channel_axis
from tinydigits.formats.onnx.layers import AXES, READERS, WRITERS, Step
from tinydigits.network.layers import Array, Layer, Shape
from tinydigits.network.network import Network

# All operators that we write.
OPERATORS = AXES | set(READERS)
# Axes of a transposition from channels-last to channels-first.
CHANNELS_FIRST = [0, 3, 1, 2]
# Name of the softmax node that is added to a net without a softmax layer, so that the file also returns probabilities.
ADDED_SOFTMAX = "probabilities_of_logits"


class GraphError(ValueError):
    """A graph that this module would not have written."""


def graph_from_network(network: Network) -> onnx.GraphProto:
    """Returns the graph, with input `image` and outputs `logits` and `probabilities`."""
    steps = [(step.operator.lower(), step) for step in opening(network.input_shape)]
    for index, (layer, shape) in enumerate(network.steps()):
        steps += [(f"layer{index}_{step.operator.lower()}", step) for step in WRITERS[type(layer)](layer, shape)]
    if not network.ends_in_softmax:
        steps.append((ADDED_SOFTMAX, Step("Softmax", attributes=(("axis", -1),))))
    names = [name for name, _ in steps]
    outputs = [*names[:-2], "logits", "probabilities"]
    inputs = ["image", *outputs[:-1]]
    return helper.make_graph(
        [node_of(*step, *ends) for step, ends in zip(steps, zip(inputs, outputs, strict=True), strict=True)],
        "tinydigits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", *without_channel_axis(network.input_shape)])],
        [
            helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", network.classes])
            for output in ("logits", "probabilities")
        ],
        [numpy_helper.from_array(value, f"{name}.{key}") for name, step in steps for key, value in step.weights],
    )


def node_of(name: str, step: Step, source: str, target: str) -> onnx.NodeProto:
    weights = [f"{name}.{key}" for key, _ in step.weights]
    return helper.make_node(step.operator, [source, *weights], [target], name=name, **dict(step.attributes))


def opening(shape: Shape) -> Iterator[Step]:
    """Yields the node that changes the input to channels-first; none if the net has no axis of channels."""
    if shape[2:] == (1,):
        yield Step("Unsqueeze", weights=(("axes", np.array([1], np.int64)),))
    elif len(shape) == 3:
        yield Step("Transpose", attributes=(("perm", CHANNELS_FIRST),))


def network_from_graph(graph: onnx.GraphProto) -> Network:
    """Returns the `Network` that a graph was written from.

    Raises:
        GraphError: writing the network again does not give the same graph.
    """
    try:
        values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        layers = [layer for node in graph.node for layer in layers_of(node, values)]
        network = Network(input_shape_of(graph), tuple(layers))
        same = graph_from_network(network) == graph
    except Exception as error:  # a manipulated graph can cause errors of many types
        raise GraphError(f"a graph that is not a chain of known layers ({type(error).__name__}: {error})") from error
    if not same:
        raise GraphError("a graph that tinydigits would have written otherwise")
    return network


def input_shape_of(graph: onnx.GraphProto) -> Shape:
    sizes = tuple(dimension.dim_value for dimension in graph.input[0].type.tensor_type.shape.dim)[1:]
    return (*sizes, 1) if graph.node[0].op_type == "Unsqueeze" else sizes


def layers_of(node: onnx.NodeProto, values: dict[str, Array]) -> Sequence[Layer]:
    """Returns the layer of a node; none for a node that only changes axes."""
    if node.op_type in AXES or node.name == ADDED_SOFTMAX:
        return ()
    weights = [values[name] for name in node.input[1:]]
    options = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    return (READERS[node.op_type](weights, options),)
