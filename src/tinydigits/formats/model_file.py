"""Loads a MODEL, as it is given on the command line.

MODEL is the name of a shipped model, or a path: a run folder, a `.keras` or an `.onnx`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from tinydigits.arrays import Predict
from tinydigits.errors import ModelError
from tinydigits.formats import run_folder
from tinydigits.formats.onnx import file as onnx_file
from tinydigits.network.network import Network

__all__ = ["DEFAULT", "SHIPPED", "LoadedModel", "load"]

# Names of the shipped models.
SHIPPED = ("mlp", "cnn", "pocket", "pocket-5k", "pocket-2k", "pocket-1k")
# The model that reads pictures if no model is named.
DEFAULT = "pocket"


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model that is ready to use.

    Attributes:
        predict: takes uint8 [n, height, width] and returns probabilities, float32 [n, classes].
        input_shape: (height, width) or (height, width, channels).
        parameters: number of trainable parameters, as Keras counts them.
        temperature: calibrated confidence is the softmax of logits divided by this; 1 if none was fitted.
        rejection: the not-a-digit score as JSON values; None if none was fitted.
    """

    name: str
    predict: Predict
    input_shape: tuple[int, ...]
    parameters: int
    temperature: float = 1.0
    rejection: Mapping[str, Any] | None = None


def load(model: str) -> LoadedModel:
    """Loads a MODEL; imports Keras only for a `.keras` file.

    Raises:
        ModelError: there is no such model, or its file cannot be used (also UnsafeModelError, IntegrityError).
        MissingDependencyError: the file is a `.keras`, and Keras is not installed.
    """
    if model in SHIPPED:
        return from_network(*onnx_file.from_bytes(shipped_bytes(model), f"{model}.onnx"))
    path = Path(model)
    if path.is_dir():
        return load_run(path)
    if not path.exists():
        raise ModelError(
            "model",
            found=f"`{model}`, which is neither a shipped model nor a path",
            expected=f"{', '.join(SHIPPED)}, a run folder, a .keras or an .onnx",
            fix="Check the name; `tinydigits models` lists the shipped ones.",
        )
    return load_keras(path) if path.suffix == ".keras" else load_onnx(path)


def shadowed_folder(model: str) -> Path | None:
    """Returns the folder that has the same name as a shipped model, if there is one; the shipped model is loaded."""
    folder = Path(model)
    return folder if model in SHIPPED and folder.is_dir() else None


def shipped_bytes(name: str) -> bytes:
    return (resources.files("tinydigits.shipped") / "weights" / f"{name}.onnx").read_bytes()


def load_run(folder: Path) -> LoadedModel:
    """Loads the model of a run folder: its .onnx, or its .keras if the run has no .onnx."""
    for name, read in ((run_folder.ONNX_MODEL, load_onnx), (run_folder.KERAS_MODEL, load_keras)):
        if (folder / name).is_file():
            return read(folder / name)
    raise ModelError(
        folder,
        found="a folder without model.onnx or model.keras",
        expected="a run folder, as `tinydigits train` writes it",
        fix="Give one run, such as a seed-0 folder inside it, or a model file.",
    )


def load_onnx(path: Path) -> LoadedModel:
    return from_network(*onnx_file.read(path))


def from_network(network: Network, metadata: onnx_file.Metadata) -> LoadedModel:
    from tinydigits.formats.onnx.session import onnx_predict

    predict = onnx_predict(network, metadata.name)
    return LoadedModel(
        metadata.name, predict, network.input_shape, network.parameters, metadata.temperature, metadata.rejection
    )


def load_keras(path: Path) -> LoadedModel:
    """Loads a `.keras` file without running any code inside it."""
    from tinydigits.formats.keras_bridge import keras_predict, parameters_of
    from tinydigits.formats.keras_file import read_keras

    model = read_keras(path)
    return LoadedModel(path.stem, keras_predict(model), tuple(model.input_shape[1:]), parameters_of(model))


def load_network(model: str) -> tuple[Network, onnx_file.Metadata]:
    """Loads a MODEL as plain data, to be written in another form; imports Keras only for a `.keras` file.

    Raises:
        ModelError: there is no such model, or its file cannot be used.
        UnsupportedLayerError: a `.keras` has a layer that `Network` does not describe.
    """
    if model in SHIPPED:
        return onnx_file.from_bytes(shipped_bytes(model), f"{model}.onnx")
    path = model_path(Path(model))
    if path.suffix != ".keras":
        return onnx_file.read(path)
    from tinydigits.formats.keras_bridge import network_from_keras
    from tinydigits.formats.keras_file import read_keras

    return network_from_keras(read_keras(path)), onnx_file.Metadata(path.stem)


def model_path(path: Path) -> Path:
    """Returns the model's file: `path` itself, or the file in the run folder `path`."""
    if path.is_dir():
        inside = [path / name for name in (run_folder.ONNX_MODEL, run_folder.KERAS_MODEL)]
        path = next((file for file in inside if file.is_file()), inside[0])
    if not path.exists():
        raise ModelError(
            "model",
            found=f"`{path}`, which does not exist",
            expected=f"{', '.join(SHIPPED)}, a run folder, a .keras or an .onnx",
            fix="Check the name; `tinydigits models` lists the shipped ones.",
        )
    return path
