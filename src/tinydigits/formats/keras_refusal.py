"""An error of Keras' backend as one of ours, which names the layer that the backend does not compute."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tinydigits.errors import ModelError, TinydigitsError

if TYPE_CHECKING:
    import keras

COLOURS = re.compile(r"\x1b\[\d*m")


@contextmanager
def naming_the_layer(model: keras.Model, images: Any) -> Iterator[None]:
    """Names the layer of `model` whose computation failed, where one does for the first of `images`.

    What a backend computes depends on the processor: TensorFlow takes a `DepthwiseConv2D` of unequal strides on some.

    Args:
        images: `[n, *input shape]`, as the model takes them. No layer is looked for where it is no array.

    Raises:
        ModelError: names the layer and holds the backend's own words. Other errors are raised as they came.
    """
    try:
        yield
    except (TinydigitsError, ValueError, TypeError):  # ours, or Keras' own words on the model or the arrays
        raise
    except Exception as error:  # each backend has error types of its own
        refusal = first_refusal(model, images[:1]) if getattr(images, "ndim", 0) else None
        if refusal is None:
            raise
        raise refusal from error


def first_refusal(model: keras.Model, x: Any) -> ModelError | None:
    """The error of the first layer that fails when layers are computed one after the other; None where none does."""
    if type(model).__name__ != "Sequential":
        return None
    for layer in model.layers:
        try:
            x = layer(x, training=False) if layer._call_has_training_arg else layer(x)
        except Exception as error:
            return refusal_of(layer, error)
    return None


def refusal_of(layer: keras.Layer, error: Exception) -> ModelError:
    from keras import backend

    return ModelError(
        f"layer `{layer.name}`",
        found=f"a {type(layer).__name__} that {backend.backend()} cannot compute here ({reason(error)})",
        expected=f"a layer that {backend.backend()} computes on this processor",
        fix="Change that layer, or choose another backend with KERAS_BACKEND.",
    )


def reason(error: Exception) -> str:
    """The backend's own words on one line, without the arguments that Keras lists below them."""
    return " ".join(COLOURS.sub("", str(error)).split("Arguments received")[0].split())
