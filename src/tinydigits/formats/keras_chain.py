"""Keras models that are a chain of layers, `Sequential` or functional."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from tinydigits.formats.keras_pixels import Pixels, is_plain_rescaling

if TYPE_CHECKING:
    import keras


def is_chain(model: keras.Model) -> bool:
    """Whether a model is one layer after the other, each used once."""
    kind, layers = type(model).__name__, model.layers
    if kind not in ("Sequential", "Functional") or not type(model).__module__.startswith("keras."):
        return False
    if len({id(layer) for layer in layers}) < len(layers):
        return False
    return kind == "Sequential" or is_line(model)


def is_line(model: keras.Model) -> bool:
    """Whether a functional model leads from one input through all its layers, without branches."""
    layers = model.layers
    if not isinstance(model.input_shape, tuple) or any(len(layer._inbound_nodes) != 1 for layer in layers):
        return False
    if not all(after.input is before.output for before, after in pairwise(layers)):
        return False
    return isinstance(model.output_shape, tuple) and model.outputs[0] is layers[-1].output


def converted_layers(model: keras.Model) -> list[keras.Layer]:
    """The layers of a chain that become layers of a `Network`.

    A first `Rescaling(1 / 255)` is none of them: images of a `Network` are divided by 255 before its first layer.
    """
    layers = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]
    return layers[1:] if begins_with_rescaling(model) else layers


def begins_with_rescaling(model: keras.Model) -> bool:
    """Whether the first layer is `Rescaling(1 / 255)`."""
    layers = (layer for layer in getattr(model, "layers", []) if type(layer).__name__ != "InputLayer")
    return is_plain_rescaling(next(layers, None))


def pixels_of_network(model: keras.Model, pixels: Pixels) -> Pixels | None:
    """The pixels that the `Network` of `model` takes, where the model takes `pixels`; None if no `Network` does that.

    A first `Rescaling(1 / 255)` is left out of the `Network`, so what is 0 to 255 for the model is 0 to 1 for it.
    """
    if not begins_with_rescaling(model):
        return pixels
    return "0-1" if pixels == "0-255" else None
