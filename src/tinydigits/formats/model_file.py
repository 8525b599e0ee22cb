"""MODEL, as given on the command line → a loaded model with `predict`.

MODEL is a shipped model's bare name, or a path: a run folder, a `.keras` or an `.onnx`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from tinydigits.arrays import Float32Array, UInt8Images
from tinydigits.errors import ModelError
from tinydigits.formats import run_folder
from tinydigits.formats.onnx import file as onnx_file
from tinydigits.network.network import Network

SHIPPED = ("mlp", "cnn", "pocket", "pocket-5k", "pocket-2k", "pocket-1k")
# What reads pictures where no model is named.
DEFAULT = "pocket"


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model that can be used.

    Attributes:
        predict: uint8 [n, height, width] → float32 [n, classes] of probabilities.
        input_shape: (height, width) or (height, width, channels).
        parameters: trainable ones, as Keras counts them.
        temperature: what its logits are divided by to be calibrated; 1 where none was fitted.
        rejection: its not-a-digit score as JSON values, where one was fitted.
    """

    name: str
    predict: Callable[[UInt8Images], Float32Array]
    input_shape: tuple[int, ...]
    parameters: int
    temperature: float = 1.0
    rejection: Mapping[str, Any] | None = None


def load(model: str) -> LoadedModel:
    """Load a MODEL. Keras is imported for a `.keras` only.

    Raises:
        ModelError: there is no such model, or its file cannot be used (also UnsafeModelError, IntegrityError).
        MissingDependencyError: a `.keras` without Keras installed.
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
    """The folder that a bare name might have meant as well, if there is one."""
    folder = Path(model)
    return folder if model in SHIPPED and folder.is_dir() else None


def shipped_bytes(name: str) -> bytes:
    return (resources.files("tinydigits.shipped") / "weights" / f"{name}.onnx").read_bytes()


def load_run(folder: Path) -> LoadedModel:
    """The model of a run folder: its .onnx, or its .keras where the net has no .onnx."""
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
    """A `.keras` file, read without running any code that it carries."""
    from tinydigits.formats.keras_bridge import keras_predict, parameters_of
    from tinydigits.formats.keras_file import read_keras

    model = read_keras(path)
    return LoadedModel(path.stem, keras_predict(model), tuple(model.input_shape[1:]), parameters_of(model))
