"""Loads a MODEL, as it is given on the command line.

MODEL is the name of a shipped model, or a path: a run folder, a `.keras`, an `.onnx`, or an `.h5` of older
Keras.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from tinydigits.arrays import Predict
from tinydigits.errors import ModelError, UnsupportedLayerError
from tinydigits.formats import run_folder
from tinydigits.formats.keras_pixels import Pixels, check_pixels, known_pixels, other_pixels
from tinydigits.formats.onnx import file as onnx_file
from tinydigits.network.network import Network
from tinydigits.shipped.files import checked_bytes

__all__ = ["DEFAULT", "READER", "SHIPPED", "LoadedModel", "load"]

# Names of the shipped models.
SHIPPED = ("mlp", "cnn", "pocket", "pocket-5k", "pocket-2k", "pocket-1k")
# The shipped net that knows what is not one whole digit, its eleventh answer; it reads pictures if no model is named.
READER = "reader"
# The best shipped net of ten answers.
DEFAULT = "pocket"
# File names of models that Keras reads end so.
KERAS_SUFFIXES = (".keras", ".h5", ".hdf5")


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model that is ready to use.

    Attributes:
        predict: takes uint8 [n, height, width] and returns probabilities, float32 [n, classes].
        input_shape: (height, width) or (height, width, channels).
        parameters: number of trainable parameters, as Keras counts them.
        temperature: calibrated confidence is the softmax of logits divided by this; 1 if none was fitted.
        rejection: the not-a-digit score as JSON values; None if none was fitted.
        classes: how many probabilities `predict` returns for an image; 0 if it does not return one row of them.
        pixels: the range of the pixels that the model takes; `predict` takes uint8 images and scales them so.
        predict_otherwise: `predict` with the other range, where nothing tells which one the model takes; else None.
    """

    name: str
    predict: Predict
    input_shape: tuple[int, ...]
    parameters: int
    temperature: float = 1.0
    rejection: Mapping[str, Any] | None = None
    classes: int = 10
    pixels: Pixels = "0-1"
    predict_otherwise: Predict | None = None


def load(model: str, pixels: Pixels | None = None) -> LoadedModel:
    """Loads a MODEL; imports Keras only for a `.keras` or `.h5` file.

    Args:
        pixels: the range of the pixels that the model takes, in place of what its file or its first layers say.

    Raises:
        ModelError: there is no such model, or its file cannot be used (also UnsafeModelError, IntegrityError).
        MissingDependencyError: the file is a `.keras` or `.h5`, and Keras is not installed.
        RecipeError: there is no such range of pixels.
    """
    if pixels is not None:
        check_pixels(pixels)
    if is_shipped(model):
        return from_network(*onnx_file.from_bytes(shipped_bytes(model), f"{model}.onnx"), pixels)
    path = file_of(model)
    return load_keras(path, pixels) if path.suffix in KERAS_SUFFIXES else load_onnx(path, pixels)


def file_of(model: str) -> Path:
    """Returns the file of a MODEL that is not shipped: of a run folder, its .onnx, or its .keras if it has no .onnx.

    Raises:
        ModelError: there is no such file.
    """
    path = Path(model)
    if path.is_dir():
        return file_of_run(path)
    if not path.exists():
        raise ModelError(
            "model",
            found=f"`{model}`, which is neither a shipped model nor a path",
            expected=f"{', '.join((*SHIPPED, READER))}, a run folder, a .keras, an .onnx or an .h5",
            fix="Check the name; `tinydigits models` lists the shipped ones.",
        )
    return path


def shadowed_folder(model: str) -> Path | None:
    """Returns the folder that has the same name as a shipped model, if there is one; the shipped model is loaded."""
    folder = Path(model)
    return folder if is_shipped(model) and folder.is_dir() else None


def is_shipped(model: str) -> bool:
    return model in (*SHIPPED, READER)


def shipped_bytes(name: str) -> bytes:
    """Returns the bytes of a shipped net's file.

    Raises:
        IntegrityError: it is damaged.
    """
    return checked_bytes(f"shipped/weights/{name}.onnx")


def fingerprint(model: str) -> str:
    """The SHA-256 of a MODEL's file.

    Raises:
        ModelError: there is no such model, or it cannot be read.
    """
    if is_shipped(model):
        return sha256(shipped_bytes(model)).hexdigest()
    path = file_of(model)
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(path, found=f"a file that cannot be read ({error.strerror})", expected="a model") from error


def file_of_run(folder: Path) -> Path:
    for name in (run_folder.ONNX_MODEL, run_folder.KERAS_MODEL):
        if (folder / name).is_file():
            return folder / name
    raise ModelError(
        folder,
        found="a folder without model.onnx or model.keras",
        expected="a run folder, as `tinydigits train` writes it",
        fix="Give one run, such as a seed-0 folder inside it, or a model file.",
    )


def load_onnx(path: Path, pixels: Pixels | None = None) -> LoadedModel:
    return from_network(*onnx_file.read(path), pixels)


def from_network(network: Network, metadata: onnx_file.Metadata, pixels: Pixels | None = None) -> LoadedModel:
    """Makes a `Network` ready to use; it takes `pixels`, or where that is None, what its metadata say."""
    from tinydigits.formats.onnx.session import onnx_predict

    taken = pixels or metadata.pixels
    return LoadedModel(
        name=metadata.name,
        predict=onnx_predict(network, metadata.name, taken),
        input_shape=network.input_shape,
        parameters=network.parameters,
        temperature=metadata.temperature,
        rejection=metadata.rejection,
        classes=network.classes,
        pixels=taken,
    )


def load_keras(path: Path, pixels: Pixels | None = None) -> LoadedModel:
    """Loads a `.keras` or `.h5` file without running any code inside it."""
    from tinydigits.formats.keras_bridge import keras_predict, parameters_of
    from tinydigits.formats.keras_file import read_h5, read_keras
    from tinydigits.formats.keras_pixels import stated_pixels

    model = read_keras(path) if path.suffix == ".keras" else read_h5(path)
    stated = pixels or pixels_in_report(path) or stated_pixels(model)
    taken = stated or "0-1"
    return LoadedModel(
        name=path.stem,
        predict=keras_predict(model, taken),
        input_shape=tuple(model.input_shape[1:]),
        parameters=parameters_of(model),
        classes=classes_of(model.output_shape),
        pixels=taken,
        predict_otherwise=None if stated else keras_predict(model, other_pixels(taken)),
    )


def pixels_in_report(path: Path) -> Pixels | None:
    """Returns what a run's report says its model.keras takes; None if `path` is no such file, or nothing is said."""
    if path.name != run_folder.KERAS_MODEL:
        return None
    try:
        return known_pixels(json.loads((path.parent / run_folder.REPORT).read_text("utf-8"))["pixels"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def classes_of(output_shape: Any) -> int:
    """Returns the number of classes of a Keras model; 0 if its output is not one row an image."""
    is_row = isinstance(output_shape, tuple) and len(output_shape) == 2
    return int(output_shape[1] or 0) if is_row else 0


def load_network(model: str) -> tuple[Network, onnx_file.Metadata]:
    """Loads a MODEL as plain data; see `described`."""
    return described(model)[:2]


def described(model: str, pixels: Pixels | None = None) -> tuple[Network, onnx_file.Metadata, bool]:
    """Loads a MODEL as plain data, to be written in another form; imports Keras only for a `.keras` or `.h5` file.

    Returns:
        The network, its metadata with the pixels that it takes, and whether these are known for sure.

    Raises:
        ModelError: there is no such model, or its file cannot be used.
        UnsupportedLayerError: a Keras file has a layer that `Network` does not describe.
    """
    path = None if is_shipped(model) else file_of(model)
    if path is not None and path.suffix in KERAS_SUFFIXES:
        return described_keras(path, pixels)
    network, metadata = (
        onnx_file.from_bytes(shipped_bytes(model), f"{model}.onnx") if path is None else onnx_file.read(path)
    )
    return network, replace(metadata, pixels=pixels or metadata.pixels), True


def described_keras(path: Path, pixels: Pixels | None) -> tuple[Network, onnx_file.Metadata, bool]:
    """Returns what `described` does, of a `.keras` or `.h5` file."""
    from tinydigits.formats.keras_bridge import network_from_keras
    from tinydigits.formats.keras_chain import pixels_of_network
    from tinydigits.formats.keras_file import read_h5, read_keras
    from tinydigits.formats.keras_pixels import stated_pixels

    model = read_keras(path) if path.suffix == ".keras" else read_h5(path)
    stated = pixels or pixels_in_report(path) or stated_pixels(model)
    network, taken = network_from_keras(model), pixels_of_network(model, stated or "0-1")
    if taken is None:
        raise UnsupportedLayerError(
            f"model `{path}`",
            found="a first layer Rescaling(1/255) and pixels of 0-1",
            expected="pixels of 0-255, which the layer scales",
            fix="Leave --pixels (pixels=) out.",
        )
    return network, onnx_file.Metadata(path.stem, pixels=taken), stated is not None
