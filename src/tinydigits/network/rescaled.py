"""A network for pixels of another range."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinydigits.errors import UnsupportedLayerError
from tinydigits.network.layers import BatchNormalization, Conv2D, Dense, Layer, Softmax
from tinydigits.network.network import Network


def for_smaller_inputs(network: Network, factor: float) -> Network:
    """Returns the network that gives for x what `network` gives for factor · x.

    The factor, above 0, is multiplied into the first layer with weights. Poolings, flattening and ReLU before it pass a
    factor on.

    Raises:
        UnsupportedLayerError: there is no layer with weights, or a softmax stands before it.
    """
    for index, layer in enumerate(network.layers):
        if isinstance(layer, Softmax):
            break
        if layer.weights:
            layers = (*network.layers[:index], for_smaller(layer, factor), *network.layers[index + 1 :])
            return Network(network.input_shape, layers)
    raise UnsupportedLayerError(
        "net",
        found="pixels of 0 to 255, and no layer with weights before the softmax",
        expected="a layer whose weights the scale of the pixels can be multiplied into",
        fix="Add a Dense or Conv2D layer.",
    )


def for_smaller(layer: Layer, factor: float) -> Layer:
    """Returns the layer that gives for x what `layer` gives for factor · x."""
    if isinstance(layer, Conv2D | Dense):
        return replace(layer, kernel=layer.kernel * np.float32(factor))
    assert isinstance(layer, BatchNormalization)
    mean, variance = layer.mean / np.float32(factor), layer.variance / np.float32(factor**2)
    return replace(layer, mean=mean, variance=variance, epsilon=layer.epsilon / factor**2)
