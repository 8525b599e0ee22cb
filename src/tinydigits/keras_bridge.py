"""Keras model ↔ `Network`.

Only what decides the *output* of a model is read here. What matters in training alone (regularisers,
constraints, frozen layers, a dropout's seed) is the business of whoever trains.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tinydigits import backend
from tinydigits.data import scaled
from tinydigits.errors import ModelError, UnsupportedLayerError
from tinydigits.layers import Array, Conv2D, Dense, Dropout, Flatten, Layer, MaxPooling2D, ReLU, Softmax, softmax
from tinydigits.network import Network

if TYPE_CHECKING:
    import keras

# Options that change a layer's output, with the one value that `Network` describes.
PLAIN_OPTIONS: dict[str, dict[str, Any]] = {
    "Conv2D": {"strides": (1, 1), "dilation_rate": (1, 1), "groups": 1, "data_format": "channels_last"},
    "MaxPooling2D": {"data_format": "channels_last"},
    "Flatten": {"data_format": "channels_last"},
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


CONVERTERS: dict[str, Callable[[Any], tuple[Layer, ...]]] = {
    "Conv2D": lambda layer: (Conv2D(array(layer.kernel), bias_of(layer), layer.padding),),
    "MaxPooling2D": lambda layer: (MaxPooling2D(tuple(layer.pool_size), tuple(layer.strides), layer.padding),),
    "Flatten": lambda layer: (Flatten(),),
    "Dropout": lambda layer: (Dropout(float(layer.rate)),),
    "Dense": lambda layer: (Dense(array(layer.kernel), bias_of(layer)),),
    "Activation": lambda layer: (),
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

    match layer:
        case Conv2D():
            return layers.Conv2D(
                layer.kernel.shape[3], layer.kernel_size, padding=layer.padding, use_bias=layer.bias is not None
            )
        case MaxPooling2D():
            return layers.MaxPooling2D(layer.pool_size, layer.strides, layer.padding)
        case Flatten():
            return layers.Flatten()
        case Dropout():
            return layers.Dropout(layer.rate)
        case Dense():
            return layers.Dense(layer.kernel.shape[1], use_bias=layer.bias is not None)
        case ReLU():
            return layers.ReLU()
        case Softmax():
            return layers.Softmax()
        case _:
            raise TypeError(f"no Keras layer is known for {type(layer).__name__}")


def parameters_of(model: keras.Model) -> int:
    """Trainable parameters."""
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


def keras_predict(model: keras.Model) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """`predict` (uint8 [n, height, width] → float32 [n, classes] of probabilities) by Keras itself."""
    ends_in_softmax = getattr(getattr(model.layers[-1], "activation", None), "__name__", "") == "softmax"
    is_softmax = ends_in_softmax or type(model.layers[-1]).__name__ == "Softmax"

    def predict(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        x = scaled(images).reshape(-1, *model.input_shape[1:])
        output = np.asarray(model.predict(x, batch_size=1000, verbose=0), np.float32)
        return output if is_softmax else softmax(output)

    return predict


def read_keras(path: Path) -> keras.Model:
    """A `.keras` file, with Keras' safe mode on and no custom objects.

    Raises:
        ModelError: it cannot be read, or its input is not of one known shape.
        MissingDependencyError: Keras or its backend is not installed.
    """
    backend.import_keras()
    import keras

    try:
        model = keras.saving.load_model(path, safe_mode=True)
    except Exception as error:  # Keras meets broken and hostile files with errors of many types
        raise unreadable(path, f"a file that Keras cannot read ({str(error).splitlines()[0]})") from error
    shape = getattr(model, "input_shape", None)
    if not isinstance(shape, tuple) or None in shape[1:]:
        raise unreadable(path, f"a model with input shape {shape}")
    return model


def unreadable(path: Path, found: str) -> ModelError:
    return ModelError(
        path,
        found=found,
        expected="a .keras model of Keras' own layers with one input of fixed size",
        fix="Save it again with model.save('model.keras').",
    )
