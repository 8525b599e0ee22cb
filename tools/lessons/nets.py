"""The reader's net of eleven answers, and a wider one that teaches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

CLASSES = 11
# Filters of the wide net: of the first convolution, before and after the pooling.
WIDE = 16, (24, 32, 40), (64, 80, 96, 112)


def started(start: str) -> keras.Sequential:
    """Returns the net with the weights of another such net."""
    from tinydigits.formats.keras_bridge import keras_from_network
    from tinydigits.formats.model_file import load_network

    network, _ = load_network(start)
    model = eleven_answers()
    model.set_weights(keras_from_network(network).get_weights())
    return model


def eleven_answers(fresh: bool = True) -> keras.Sequential:
    """Returns the net `pocket` with eleven answers, 9,997 parameters; with its shipped weights unless `fresh`."""
    import keras

    from tinydigits.recipes import nets

    model = keras.Sequential([*nets.pocket().layers[:-1], keras.layers.Dense(CLASSES)], name="reader")
    model.build((None, 28, 28, 1))
    if not fresh:
        begin_as_pocket(model)
    return model


def begin_as_pocket(model: keras.Sequential) -> None:
    """Copies the weights of the shipped net; the eleventh answer begins as the mean of the others."""
    from tinydigits.formats.keras_bridge import keras_from_network
    from tinydigits.formats.model_file import shipped_bytes
    from tinydigits.formats.onnx.file import from_bytes

    network, _ = from_bytes(shipped_bytes("pocket"), "pocket")
    weights = keras_from_network(network).get_weights()
    for place in (-2, -1):
        mean = weights[place].mean(axis=-1, keepdims=True)
        weights[place] = np.concatenate([weights[place], mean], axis=-1)
    model.set_weights(weights)


def wide_net() -> keras.Sequential:
    """Returns a net of eleven answers, built as `pocket` is; with new weights."""
    import keras

    from tinydigits.recipes import nets

    model = keras.Sequential([*nets.separable_net("wide", *WIDE).layers[:-1], keras.layers.Dense(CLASSES)], name="wide")
    model.build((None, 28, 28, 1))
    return model
