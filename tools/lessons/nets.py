"""The reader's net of eleven answers, and a wider one that teaches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinydigits.arrays import Float32Array

if TYPE_CHECKING:
    import keras

CLASSES = 11
# Filters of the wide net: of the first convolution, before and after the pooling.
WIDE = 16, (24, 32, 40), (64, 80, 96, 112)


def started(start: str) -> keras.Sequential:
    """Returns the net with the weights of another such net."""
    model = eleven_answers()
    model.set_weights(weights_of(start))
    return model


def eleven_answers(fresh: bool = True) -> keras.Sequential:
    """Returns the net `pocket` with eleven answers, 9,997 parameters; with its shipped weights unless `fresh`."""
    from tinydigits.recipes import nets

    model = with_eleven(nets.pocket(), "reader")
    if not fresh:
        begin_as_pocket(model)
    return model


def wide_net() -> keras.Sequential:
    """Returns a net of eleven answers, built as `pocket` is; with new weights."""
    from tinydigits.recipes import nets

    return with_eleven(nets.separable_net("wide", *WIDE), "wide")


def with_eleven(ten: keras.Sequential, name: str) -> keras.Sequential:
    """Returns a net of ten answers with a new last layer, of eleven."""
    import keras

    model = keras.Sequential([*ten.layers[:-1], keras.layers.Dense(CLASSES)], name=name)
    model.build((None, 28, 28, 1))
    return model


def begin_as_pocket(model: keras.Sequential) -> None:
    """Copies the weights of the shipped net; the eleventh answer begins as the mean of the others."""
    weights = weights_of("pocket")
    for place in (-2, -1):
        mean = weights[place].mean(axis=-1, keepdims=True)
        weights[place] = np.concatenate([weights[place], mean], axis=-1)
    model.set_weights(weights)


def weights_of(model: str) -> list[Float32Array]:
    """Returns the weights of a MODEL, in the order of Keras."""
    from tinydigits.formats.keras_bridge import keras_from_network
    from tinydigits.formats.model_file import load_network

    network, _ = load_network(model)
    return keras_from_network(network).get_weights()
