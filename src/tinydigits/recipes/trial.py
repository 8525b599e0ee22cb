"""Checks whether a Keras model can be trained on digits, before any training starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits.data.dataset import CLASSES
from tinydigits.errors import RecipeError, first_line
from tinydigits.formats.keras_targets import targets

if TYPE_CHECKING:
    import keras


def try_out(build: Callable[[], Any], text: str, trial: bool) -> keras.Model:
    """Builds a model, checks it, and trains it on one blank batch. Returned only so that its settings can be read."""
    model = build()
    check(model, text)
    if not trial:
        return model
    if build() is model:
        raise unfit(
            text, "the same model each time", "a new one each time", "Build and compile it inside the function."
        )
    x = np.zeros((2, *model.input_shape[1:]), np.float32)
    try:
        measured = model.train_on_batch(x, targets(model, np.array([0, 1])), return_dict=True)
    except Exception as error:  # Keras refuses models with errors of many types
        raise unfit(
            text,
            f"a model that Keras cannot train ({type(error).__name__}: {first_line(error)})",
            "a loss, an optimiser and layers that go together",
            "Try model.fit on a few images.",
        ) from error
    if "accuracy" not in measured:
        names = ", ".join(measured)
        raise unfit(text, f"a model that measures {names}", "accuracy as well", 'Compile it with metrics=["accuracy"].')
    return model


def check(model: Any, text: str) -> None:
    """Raise RecipeError unless `model` is a compiled Keras model from one image to ten classes."""
    import keras

    if not isinstance(model, keras.Model):
        raise unfit(text, f"{type(model).__name__}", "a Recipe or a compiled Keras model", "Return one of these.")
    if not model.compiled:
        raise unfit(
            text, "a model that is not compiled", "a compiled one", 'Call model.compile(…, metrics=["accuracy"]).'
        )
    shape = getattr(model, "input_shape", None) if model.built else None
    if not isinstance(shape, tuple) or len(shape) not in (3, 4) or None in shape[1:]:
        found = "no fixed input" if not isinstance(shape, tuple) else f"the input {list(shape[1:])}"
        raise unfit(
            text, found, "[height, width] or [height, width, channels]", "Begin with keras.layers.Input((28, 28, 1))."
        )
    if model.output_shape != (None, CLASSES):
        found = f"the output {model.output_shape}"
        raise unfit(text, found, f"(None, {CLASSES}), a number a digit", f"End with Dense({CLASSES}).")


def unfit(text: str, found: str, expected: str, fix: str) -> RecipeError:
    return RecipeError(f"recipe `{text}`", found=found, expected=expected, fix=fix)
