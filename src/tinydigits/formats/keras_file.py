"""Reads `.keras` files, and Keras' older `.h5` files, from untrusted sources; writes `.keras` files."""

from __future__ import annotations

import os
import tempfile
import time
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinydigits.errors import ModelError, UnsafeModelError, first_line
from tinydigits.system import backend
from tinydigits.system.regular_files import check_regular, check_zip

if TYPE_CHECKING:
    import keras

# Largest size of all parts of a model file together, in bytes, inflated.
MAX_BYTES = 1_000_000_000
# Parts of a `.keras` archive that Keras reads in one piece.
JSON_PARTS = ("config.json", "metadata.json")


def read_keras(path: Path) -> keras.Model:
    """Reads a `.keras` file in Keras' safe mode, without custom objects.

    Raises:
        ModelError: the file cannot be read, or its model has no single input of fixed shape; UnsafeModelError where
            it would inflate to more than any honest model.
        MissingDependencyError: Keras or its backend is not installed.
    """
    check_readable(path)
    if not zipfile.is_zipfile(path):
        raise unreadable(path, "a file that is no .keras archive, or not a whole one")
    check_zip(path, MAX_BYTES, UnsafeModelError, whole=JSON_PARTS)
    backend.import_keras()
    return loaded(path)


def read_h5(path: Path) -> keras.Model:
    """Reads a model from Keras' older `.h5` format in safe mode, without custom objects; it is not compiled.

    Raises:
        ModelError, MissingDependencyError: as `read_keras`.
    """
    check_readable(path)
    backend.import_keras()
    check_h5(path)
    return loaded(path, compile=False)


def save(model: keras.Model, path: Path) -> None:
    """Writes what `model.save` does, whatever the clock says.

    Keras cannot pack an archive while the clock is before 1980. Its parts are packed here then, with that date.
    """
    if time.localtime().tm_year >= 1980:
        model.save(path)  # which makes the HDF5 part in memory: on a full disk, HDF5 may end the whole process
        return
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        unpacked = Path(folder, "model")
        model.save(unpacked, zipped=False)
        with zipfile.ZipFile(path, "w") as archive:
            for part in sorted(each for each in unpacked.rglob("*") if each.is_file()):
                archive.writestr(zipfile.ZipInfo(part.relative_to(unpacked).as_posix()), part.read_bytes())


def check_readable(path: Path) -> None:
    if not os.access(path, os.R_OK):
        raise unreadable(path, "a file that may not be read")
    check_regular(path, ModelError)


def check_h5(path: Path) -> None:
    """Raises ModelError if an HDF5 file is damaged, reaches outside itself, or inflates to more than `MAX_BYTES`."""
    import h5py

    outside: list[str] = []
    sizes: list[int] = []

    def look(name: str, part: Any) -> None:
        if isinstance(part, h5py.Dataset):
            sizes.append(part.size * part.dtype.itemsize)
            outside.extend([name] * bool(part.external or part.is_virtual))

    def look_at_link(name: str, link: Any) -> None:
        outside.extend([name] * isinstance(link, h5py.ExternalLink))

    try:
        with h5py.File(path) as file:
            file.visititems(look)
            file.visititems_links(look_at_link)
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise unreadable(path, f"a file that is no HDF5, or not a whole one ({first_line(error)})") from error
    if outside:
        raise unsafe(path, f"`{outside[0]}` outside the file", "all inside the file")
    if sum(sizes) > MAX_BYTES:
        raise unsafe(path, f"{sum(sizes):,} bytes when inflated", f"at most {MAX_BYTES:,}")


def unsafe(path: Path, found: str, expected: str) -> UnsafeModelError:
    return UnsafeModelError(path, found=found, expected=expected, fix="Check where the file comes from.")


def loaded(path: Path, **options: Any) -> keras.Model:
    """Returns the model in a file that was checked, read in safe mode."""
    import keras

    try:
        with warnings.catch_warnings():
            # Keras warns about a model that was saved before training: its optimiser has no variables yet.
            warnings.filterwarnings("ignore", message="Skipping variable loading for optimizer")
            model = keras.saving.load_model(path, safe_mode=True, **options)
    except Exception as error:  # Keras raises errors of many types for damaged files
        raise unreadable(path, f"a file that Keras cannot read ({why(error)})") from error
    shape = getattr(model, "input_shape", None)
    if not isinstance(shape, tuple) or None in shape[1:]:
        raise unreadable(path, f"a model with input shape {shape}")
    return model


def why(error: Exception) -> str:
    """Returns what Keras could not read: it puts the cause last, behind each layer and model around it."""
    cause = str(error).rpartition("Exception encountered: ")[2]
    return first_line(ValueError(cause)).partition(". Make sure custom classes")[0]


def unreadable(path: Path, found: str) -> ModelError:
    return ModelError(
        path,
        found=found,
        expected="a model of Keras' own layers with one input of fixed size, in a .keras or .h5 file",
        fix="Save it again with model.save('model.keras').",
    )
