"""Reads `.keras` files from untrusted sources."""

from __future__ import annotations

import os
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from tinydigits.errors import ModelError, first_line
from tinydigits.system import backend

if TYPE_CHECKING:
    import keras


def read_keras(path: Path) -> keras.Model:
    """Reads a `.keras` file in Keras' safe mode, without custom objects.

    Raises:
        ModelError: the file cannot be read, or its model has no single input of fixed shape.
        MissingDependencyError: Keras or its backend is not installed.
    """
    if not os.access(path, os.R_OK):
        raise unreadable(path, "a file that may not be read")
    if not zipfile.is_zipfile(path):
        raise unreadable(path, "a file that is no .keras archive, or not a whole one")
    backend.import_keras()
    import keras

    try:
        with warnings.catch_warnings():
            # Keras warns about a model that was saved before training: its optimiser has no variables yet.
            warnings.filterwarnings("ignore", message="Skipping variable loading for optimizer")
            model = keras.saving.load_model(path, safe_mode=True)
    except Exception as error:  # Keras raises errors of many types for damaged files
        raise unreadable(path, f"a file that Keras cannot read ({first_line(error)})") from error
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
