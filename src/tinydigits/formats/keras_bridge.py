"""Keras model ↔ `Network`.

Only what decides the *output* of a model is read here. What matters in training alone (regularisers,
constraints, frozen layers, a dropout's seed) is the business of whoever trains.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.data.dataset import model_input
from tinydigits.errors import UnsupportedLayerError
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

# Options that change a layer's output, with the one value that `Network` describes.
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
ACTIVATIONS: dict[str, tuple[Layer, ...]] = {"linear": (), "relu": (ReLU(),), "softmax": (Softmax(),)}


def network_from_keras(model: keras.Model) -> Network:
    """The `Network` of a built Keras `Sequential`, with copies of its weights.

    Raises:
        UnsupportedLayerError: names the layer and option that `Network` does not describe.
    """
    if type(model).__name__ != "Sequential":
        raise UnsupportedLayerError(
            f"model `{model.name}`",
            found=f"a {type(model).__name__} model",
            expected="a keras.Sequential",
            fix="Write the model as keras.Sequential([...]).",
        )
    if not model.built:
        raise UnsupportedLayerError(
            f"model `{model.name}`",
            found="a model without an input shape",
            expected="a built model",
            fix="Begin it with keras.layers.Input((28, 28, 1)).",
        )
    layers = tuple(part for layer in model.layers for part in layers_from_keras(layer))
    return Network(tuple(model.input_shape[1:]), layers)


def layers_from_keras(layer: keras.Layer) -> tuple[Layer, ...]:
    """A Keras layer as one of ours, followed by its activation where it has one.

    Raises:
        UnsupportedLayerError: a layer or an option that `Network` does not describe.
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
    """The layer that a Keras layer's `activation` argument stands for, or none."""
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
    """A Keras variable of any backend as a float32 array of its own."""
    from keras import ops

    return np.array(ops.convert_to_numpy(variable), np.float32)


def bias_of(layer: keras.Layer) -> Array | None:
    return array(layer.bias) if layer.use_bias else None


def convolution(layer: keras.Layer) -> tuple[Layer, ...]:
    return (Conv2D(array(layer.kernel), bias_of(layer), layer.padding, tuple(layer.strides)),)


def depthwise(layer: keras.Layer) -> tuple[Layer, ...]:
    return (DepthwiseConv2D(array(layer.kernel), bias_of(layer), layer.padding, tuple(layer.strides)),)


def separable(layer: keras.Layer) -> tuple[Layer, ...]:
    """A depthwise convolution without bias, then a convolution of 1×1: the same weights in the same order."""
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
    """A plain Keras `Sequential` with the layers and weights of `network`, built and not compiled."""
    import keras

    model = keras.Sequential([keras.layers.Input(network.input_shape), *map(keras_layer, network.layers)])
    model.set_weights(list(network.weights))
    return model


def keras_layer(layer: Layer) -> keras.Layer:
    """The Keras layer that `layer` describes, without its weights."""
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
    """Whether the model answers with probabilities, by a layer or by its last layer's activation."""
    last = model.layers[-1]
    return type(last).__name__ == "Softmax" or getattr(getattr(last, "activation", None), "__name__", "") == "softmax"


def parameters_of(model: keras.Model) -> int:
    """Trainable parameters."""
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


def keras_predict(model: keras.Model) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """`predict` (uint8 [n, height, width] → float32 [n, classes] of probabilities) by Keras itself.

    What a model gives is taken for probabilities where no value is negative and each row's sum is 1, else for logits.
    Calling `predict` raises ModelError where the backend cannot compute a layer on this processor.
    """

    def predict(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        x = model_input(images, tuple(model.input_shape[1:]))
        with naming_the_layer(model, x):
            output = np.asarray(model.predict(x, batch_size=1000, verbose=0), np.float32)
        are_probabilities = output.min() >= 0 and np.allclose(output.sum(axis=-1), 1, atol=1e-3)
        return output if are_probabilities else softmax(output)

    return predict
