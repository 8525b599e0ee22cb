"""A finished training, and how it is saved as a run folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits.data.dataset import Dataset
from tinydigits.errors import UnsupportedLayerError
from tinydigits.evaluation.report import Report
from tinydigits.figures import runs as figures
from tinydigits.formats import keras_file, run_folder
from tinydigits.formats.keras_bridge import network_from_keras, parameters_of
from tinydigits.formats.keras_chain import pixels_of_network
from tinydigits.formats.keras_pixels import Pixels
from tinydigits.formats.onnx import file as onnx_file
from tinydigits.network.network import Network
from tinydigits.recipes.recipe import AnyRecipe
from tinydigits.recipes.settings import settings_of
from tinydigits.shipped.results import Published
from tinydigits.system.interruption import obey_interruptions
from tinydigits.system.stopwatch import Stopwatch
from tinydigits.training.calibrate import with_calibration

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from tinydigits.reader.calibration import Calibration


__all__ = ["Run"]


@dataclass(frozen=True, eq=False)
class Run:
    """One training of one recipe with one seed.

    Attributes:
        network: the trained net; None if `Network` lacks one of its layers.
        published: what was published for exactly this training, if anything was.
        history: loss and metrics by name, a value an epoch, as Keras' History has them.
        validation: accuracy on the validation images, of the weights that training ended with.
        judged: what `report` is about: the test images where there are any (`tested`), else those for validation.
        timings: seconds by phase; loading data and importing Keras overlap.
        identity: the hash of all that decided it (`identity.py`); None where that cannot be known.
        pixels: the range of the pixels that `model` takes.
        calibration: temperature and not-a-digit score, in the metadata of model.onnx; None where a note says why.
        notes: what its user should know, a sentence or two each.
    """

    recipe: AnyRecipe
    published: Published | None
    seed: int
    engine: str
    model: keras.Model
    network: Network | None
    history: Mapping[str, Sequence[float]]
    validation: float
    judged: Dataset
    report: Report
    tested: bool
    timings: Mapping[str, float]
    seconds: float
    versions: Mapping[str, str]
    identity: str | None
    folder: Path | None = None
    pixels: Pixels = "0-1"
    calibration: Calibration | None = None
    notes: tuple[str, ...] = ()

    @property
    def accuracy(self) -> dict[str, float | None]:
        """By split, 0 to 1: the last epoch's running training figure (dropout on), validation, test."""
        return {
            "train": self.history["accuracy"][-1],
            "validation": self.validation,
            "test": self.report.accuracy if self.tested else None,
        }

    @property
    def answers(self) -> NDArray[np.int64]:
        """The digit, 0 to 9, that each judged image is read as, [n]."""
        answers: NDArray[np.int64] = self.report.probabilities.argmax(axis=1)
        return answers

    def as_json(self) -> dict[str, Any]:
        return {
            "model": self.recipe.name,
            "seed": self.seed,
            "engine": self.engine,
            "parameters": parameters_of(self.model),
            "epochs": self.recipe.epochs,
            "settings": settings_of(self.recipe),
            "fit_seconds": self.timings["fit"],
            "seconds": round(self.seconds, 3),
            "timings": dict(self.timings),
            "accuracy": self.accuracy,
            "folder": str(self.folder) if self.folder else None,
            "identity": self.identity,
            "pixels": self.pixels,
            "notes": list(self.notes),
        }


def save(run: Run, folder: Path, stopwatch: Stopwatch) -> Run:
    """Write a run's files into `folder`, which exists; returns the run with the time that all of it took."""
    with stopwatch.phase("save"):
        keras_file.save(run.model, folder / run_folder.KERAS_MODEL)
        write_onnx(run, folder / run_folder.ONNX_MODEL)
        run_folder.write_history(folder / run_folder.HISTORY, run.history)
        np.save(folder / run_folder.ANSWERS, run.answers.astype(np.uint8), allow_pickle=False)
    obey_interruptions()
    with stopwatch.phase("pictures"):
        draw(run, folder)
    obey_interruptions()
    finished = replace(run, timings=stopwatch.as_json(), seconds=stopwatch.seconds)
    run_folder.write_json(folder / run_folder.REPORT, finished.as_json())
    return finished


def draw(run: Run, folder: Path) -> None:
    """The pictures of a run."""
    name = run.recipe.name
    figures.save(figures.curves(run.history, name, run.published), folder / run_folder.CURVES)
    figures.save(figures.digits(run.judged, run.answers), folder / run_folder.DIGITS)
    figures.save(figures.confusion(run.report.confusion, f"{name}, {run.judged.name}"), folder / run_folder.CONFUSION)


def write_onnx(run: Run, path: Path) -> None:
    """The `.onnx`, where `Network` describes the net; a net of the user's own may be beyond it."""
    if run.network is None:
        return
    metadata = onnx_file.Metadata(
        name=run.recipe.name,
        recipe=run.recipe.as_json(),
        seed=run.seed,
        versions=run.versions,
        scores=run.accuracy,
        pixels=pixels_of_network(run.model, run.pixels) or run.pixels,
    )
    path.write_bytes(onnx_file.to_bytes(run.network, with_calibration(metadata, run.calibration)))


def network_of(model: keras.Model, pixels: Pixels) -> tuple[Network | None, Pixels]:
    """The trained net as a `Network`, which ONNX Runtime runs without warming up, and the pixels that it takes.

    It is None if it has an unknown layer.
    """
    taken = pixels_of_network(model, pixels)
    try:
        return (None, pixels) if taken is None else (network_from_keras(model), taken)
    except UnsupportedLayerError:
        return None, pixels
