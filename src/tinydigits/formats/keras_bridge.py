"""Converts Keras models to a `Network` and back.

Only options that change the *output* of a model are read here. Options that matter only in training (regularisers,
constraints, frozen layers, the seed of a dropout) are checked by the training engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits.arrays import Float32Array, Predict, UInt8Images
from tinydigits.data.dataset import model_input
from tinydigits.errors import UnsupportedLayerError
from tinydigits.formats.keras_chain import converted_layers, is_chain
from tinydigits.formats.keras_pixels import Pixels, pixels_of
from tinydigits.formats.keras_refusal import naming_the_layer
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
    ReLU,
    Softmax,
    softmax,
)
from tinydigits.network.network import Network

if TYPE_CHECKING:
    import keras

# Options that change a layer's output, with the only value of each that `Network` supports.
CHANNELS_LAST = {"data_format": "channels_last"}
PLAIN_OPTIONS: dict[str, dict[str, Any]] = {
    "Conv2D": {"dilation_rate": (1, 1), "groups": 1, **CHANNELS_LAST},
    "DepthwiseConv2D": {"dilation_rate": (1, 1), **CHANNELS_LAST},
    "SeparableConv2D": {"dilation_rate": (1, 1), **CHANNELS_LAST},
    "BatchNormalization": {"axis": -1, "center": True, "scale": True},
    "MaxPooling2D": CHANNELS_LAST,
    "AveragePooling2D": CHANNELS_LAST,
    "GlobalAveragePooling2D": {"keepdims": False, **CHANNELS_LAST},
    "Flatten": CHANNELS_LAST,
    "ReLU": {"max_value": None, "negative_slope": 0.0, "threshold": 0.0},
    "Softmax": {"axis": -1},
}
# The layers of a `Network` for each name of an activation in Keras.
ACTIVATIONS: dict[str, tuple[Layer, ...]] = {"linear": (), "relu": (ReLU(),), "softmax": (Softmax(),)}


def network_from_keras(model: keras.Model) -> Network:
    """Converts a built Keras `Sequential` to a `Network` with copies of its weights.

    Raises:
        UnsupportedLayerError: `Network` does not support a layer or an option; the message names it.
    """
    if not is_chain(model):
        raise UnsupportedLayerError(
            f"model `{model.name}`",
            found=f"a {type(model).__name__} model",
            expected="a keras.Sequential, or a functional model that is a chain, of layers that are used once",
            fix="Write the model as keras.Sequential([...]).",
        )
    if not model.built:
        raise UnsupportedLayerError(
            f"model `{model.name}`",
            found="a model without an input shape",
            expected="a built model",
            fix="Begin it with keras.layers.Input((28, 28, 1)).",
        )
    shape = tuple(model.input_shape[1:])
    if None in shape:
        raise UnsupportedLayerError(f"model `{model.name}`", found=f"the input {shape}", expected="a fixed size")
    return Network(shape, tuple(part for layer in converted_layers(model) for part in layers_from_keras(layer)))


def layers_from_keras(layer: keras.Layer) -> tuple[Layer, ...]:
    """Converts a Keras layer to layers of a `Network`: the layer, then its activation if it has one.

    Raises:
        UnsupportedLayerError: `Network` does not support the layer or one of its options.
    """
    kind = type(layer).__name__
    if kind not in CONVERTERS or not type(layer).__module__.startswith("keras."):
        raise unsupported(layer, kind, f"one of {', '.join(CONVERTERS)}")
    for option, plain in PLAIN_OPTIONS.get(kind, {}).items():
        found = getattr(layer, option)
        if (tuple(found) if isinstance(found, list) else found) != plain:
            raise unsupported(layer, f"{kind}({option}={found!r})", f"{option}={plain!r}")
    return CONVERTERS[kind](layer) + activation_of(layer)


def activation_of(layer: keras.Layer) -> tuple[Layer, ...]:
    """Returns the layer for a Keras layer's `activation` argument, or no layer."""
    function = getattr(layer, "activation", None)
    name = "linear" if function is None else getattr(function, "__name__", repr(function))
    own = function is None or str(getattr(function, "__module__", "")).startswith("keras.")
    if name not in ACTIVATIONS or not own:
        raise unsupported(layer, f"activation {name!r}", f"one of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]


def unsupported(layer: keras.Layer, found: str, expected: str) -> UnsupportedLayerError:
    return UnsupportedLayerError(
        f"layer `{layer.name}`",
        found=found,
        expected=expected,
        fix="Change that layer; Keras itself can still train and save the model.",
    )


def array(variable: Any) -> Array:
    """Copies a Keras variable of any backend to a float32 array."""
    from keras import ops

    return np.array(ops.convert_to_numpy(variable), np.float32)


def bias_of(layer: keras.Layer) -> Array | None:
    return array(layer.bias) if layer.use_bias else None


def convolution(layer: keras.Layer) -> tuple[Layer, ...]:
    return (Conv2D(array(layer.kernel), bias_of(layer), layer.padding, tuple(layer.strides)),)


def depthwise(layer: keras.Layer) -> tuple[Layer, ...]:
    return (DepthwiseConv2D(array(layer.kernel), bias_of(layer), layer.padding, tuple(layer.strides)),)


def separable(layer: keras.Layer) -> tuple[Layer, ...]:
    """Converts to a depthwise convolution without bias and a convolution of 1×1, with the weights in the same order."""
    return (
        DepthwiseConv2D(array(layer.depthwise_kernel), None, layer.padding, tuple(layer.strides)),
        Conv2D(array(layer.pointwise_kernel), bias_of(layer)),
    )


def normalization(layer: keras.Layer) -> tuple[Layer, ...]:
    gamma, beta = array(layer.gamma), array(layer.beta)
    mean, variance = array(layer.moving_mean), array(layer.moving_variance)
    return (BatchNormalization(gamma, beta, mean, variance, float(layer.epsilon), float(layer.momentum)),)


def pooling(kind: type[MaxPooling2D | AveragePooling2D]) -> Callable[[keras.Layer], tuple[Layer, ...]]:
    return lambda layer: (kind(tuple(layer.pool_size), tuple(layer.strides), layer.padding),)


CONVERTERS: dict[str, Callable[[Any], tuple[Layer, ...]]] = {
    "Conv2D": convolution,
    "DepthwiseConv2D": depthwise,
    "SeparableConv2D": separable,
    "BatchNormalization": normalization,
    "MaxPooling2D": pooling(MaxPooling2D),
    "AveragePooling2D": pooling(AveragePooling2D),
    "GlobalAveragePooling2D": lambda layer: (GlobalAveragePooling2D(),),
    "Flatten": lambda layer: (Flatten(),),
    "Dropout": lambda layer: (Dropout(float(layer.rate)),),
    "Dense": lambda layer: (Dense(array(layer.kernel), bias_of(layer)),),
    "Activation": lambda layer: (),
    "LeakyReLU": lambda layer: (LeakyReLU(float(layer.negative_slope)),),
    "ReLU": lambda layer: (ReLU(),),
    "Softmax": lambda layer: (Softmax(),),
}


def keras_from_network(network: Network) -> keras.Sequential:
    """Makes a Keras `Sequential` with the layers and weights of `network`; it is built, but not compiled."""
    import keras

    model = keras.Sequential([keras.layers.Input(network.input_shape), *map(keras_layer, network.layers)])
    model.set_weights(list(network.weights))
    return model


def keras_layer(layer: Layer) -> keras.Layer:
    """Makes the Keras layer for `layer`, without its weights."""
    from keras import layers

    kind = getattr(layers, type(layer).__name__)
    match layer:
        case DepthwiseConv2D():
            multiplier = layer.kernel.shape[3]
            return kind(layer.kernel_size, depth_multiplier=multiplier, **convolution_options(layer))
        case Conv2D():
            return kind(layer.kernel.shape[3], layer.kernel_size, **convolution_options(layer))
        case MaxPooling2D() | AveragePooling2D():
            return kind(layer.pool_size, layer.strides, layer.padding)
        case Dense():
            return kind(layer.kernel.shape[1], use_bias=layer.bias is not None)
        case BatchNormalization():
            return kind(epsilon=layer.epsilon, momentum=layer.momentum)
        case Dropout():
            return kind(layer.rate)
        case LeakyReLU():
            return kind(layer.negative_slope)
        case _:
            return kind()


def convolution_options(layer: Conv2D) -> dict[str, Any]:
    return {"strides": layer.strides, "padding": layer.padding, "use_bias": layer.bias is not None}


def ends_in_softmax(model: keras.Model) -> bool:
    """Returns whether the model ends in a softmax, as a layer or as the activation of its last layer."""
    last = model.layers[-1]
    return type(last).__name__ == "Softmax" or getattr(getattr(last, "activation", None), "__name__", "") == "softmax"


def parameters_of(model: keras.Model) -> int:
    """Returns the number of trainable parameters."""
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


def keras_predict(model: keras.Model, pixels: Pixels | None = None) -> Predict:
    """Returns a `predict` that runs the model in Keras; `pixels` is the range it takes, by default what it tells.

    It takes uint8 [n, height, width] and returns probabilities, float32 [n, classes]. The model's output counts as
    probabilities if no value is negative and each row sums to 1. Otherwise it counts as logits.

    Raises:
        ModelError: the backend cannot compute a layer on this processor; from `predict`.
    """

    def predict(images: UInt8Images) -> Float32Array:
        x = model_input(images, tuple(model.input_shape[1:]), pixels=pixels or pixels_of(model))
        with naming_the_layer(model, x):
            output = np.asarray(model.predict(x, batch_size=1000, verbose=0), np.float32)
        are_probabilities = output.min() >= 0 and np.allclose(output.sum(axis=-1), 1, atol=1e-3)
        return output if are_probabilities else softmax(output)

    return predict
