"""Read `.keras` files that may come from anyone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tinydigits import backend
from tinydigits.errors import ModelError

if TYPE_CHECKING:
    import keras


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
