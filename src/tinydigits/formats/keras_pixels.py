"""Which pixels a Keras model takes: 0 to 1, or 0 to 255 where its own layers scale them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import numpy as np

from tinydigits.errors import RecipeError

if TYPE_CHECKING:
    import keras

# The range of the pixels that a model takes.
Pixels = Literal["0-1", "0-255"]
# A `Rescaling` by less than this brings 0 to 255 to a range of about 1; by more, it changes a range of about 1.
SMALLEST_SCALE = 1 / 32
# A `Normalization` whose mean is above this was adapted to pixels of 0 to 255.
LARGEST_MEAN = 1.0


def pixels_of(model: keras.Model) -> Pixels:
    """The pixels that `model` takes, found by its first layers; "0-1" if none of them scales pixels."""
    return stated_pixels(model) or "0-1"


def stated_pixels(model: keras.Model) -> Pixels | None:
    """The pixels that `model` takes, found by its first layers; None if none of them scales pixels.

    A model without such a layer may have been trained on 0 to 1 or on 0 to 255: nothing in it tells.
    """
    for layer in first_layers(model):
        kind = type(layer).__name__
        if kind == "Rescaling":
            return "0-255" if np.max(np.abs(layer.scale)) < SMALLEST_SCALE else "0-1"
        if kind == "Normalization":
            return "0-255" if np.max(np.abs(mean_of(layer))) > LARGEST_MEAN else "0-1"
    return None


def first_layers(model: keras.Model) -> Iterator[Any]:
    """Layers in order, those of models inside the model too, up to the first one with weights to train."""
    for layer in getattr(model, "layers", []):
        inner = first_layers(layer) if hasattr(layer, "layers") else [layer]
        for each in inner:
            yield each
            if each.trainable_weights:
                return


def mean_of(normalization: Any) -> Any:
    from keras import ops

    mean = getattr(normalization, "mean", None)
    return np.zeros(1) if mean is None else np.asarray(ops.convert_to_numpy(mean))


def is_plain_rescaling(layer: Any) -> bool:
    """Whether a layer does exactly what `Network` does to bytes: divide by 255."""
    if type(layer).__name__ != "Rescaling" or np.ndim(layer.scale) or np.ndim(layer.offset):
        return False
    return bool(abs(255 * layer.scale - 1) < 1e-6 and layer.offset == 0)


def check_pixels(pixels: str) -> None:
    """Raise RecipeError unless `pixels` is a name of a range."""
    if pixels not in get_args(Pixels):
        raise RecipeError(
            "pixels", found=f"`{pixels}`", expected=" or ".join(get_args(Pixels)), fix="0-1 divides bytes by 255."
        )


def other_pixels(pixels: Pixels) -> Pixels:
    return "0-255" if pixels == "0-1" else "0-1"


def known_pixels(stored: object) -> Pixels:
    """The range that a file states; ValueError if it is none."""
    for name in get_args(Pixels):
        if stored == name:
            return cast(Pixels, name)
    raise ValueError(f"range of pixels: {stored!r}")
