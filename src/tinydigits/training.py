"""`train`: one recipe, one seed, one finished run; and the same over many seeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, stdev
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits import backend, figures, onnx_file, run_folder
from tinydigits.atomic import new_file, new_folder
from tinydigits.data import CLASSES, Dataset, Splits, mnist
from tinydigits.errors import TrainingError, UnsupportedLayerError
from tinydigits.evaluation import Report, check_image_shape, evaluate
from tinydigits.fitting import OnProgress, fit
from tinydigits.keras_bridge import keras_predict, network_from_keras, parameters_of
from tinydigits.recipes import Recipe, compiled, recipe_named
from tinydigits.results import PUBLISHED
from tinydigits.versions import training_versions

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Run:
    """One training of one recipe with one seed.

    Attributes:
        history: loss and metrics by name, a value an epoch, as Keras' History has them.
        test_report: None where the data has no test images.
        fit_seconds: of fitting alone, validation included.
    """

    recipe: Recipe
    seed: int
    engine: str
    model: keras.Model
    history: Mapping[str, Sequence[float]]
    fit_seconds: float
    seconds: float
    test_report: Report | None
    test: Dataset | None
    versions: Mapping[str, str]
    folder: Path | None = None

    @property
    def accuracy(self) -> dict[str, float | None]:
        """By split, 0 to 1: the last epoch's running training figure (dropout on), validation, test."""
        return {
            "train": self.history["accuracy"][-1],
            "validation": self.history["val_accuracy"][-1],
            "test": self.test_report.accuracy if self.test_report else None,
        }

    def as_json(self) -> dict[str, Any]:
        return {
            "model": self.recipe.name,
            "seed": self.seed,
            "engine": self.engine,
            "parameters": parameters_of(self.model),
            "epochs": self.recipe.epochs,
            "fit_seconds": round(self.fit_seconds, 3),
            "seconds": round(self.seconds, 3),
            "accuracy": self.accuracy,
            "folder": str(self.folder) if self.folder else None,
        }


def train(
    recipe: Recipe | str,
    *,
    seed: int = 0,
    epochs: int | None = None,
    splits: Splits | None = None,
    folder: Path | str | None = None,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
) -> Run:
    """Train one recipe, score it and, given a folder, save everything there.

    Args:
        recipe: a recipe, or the name of a shipped one.
        seed: of initial weights, shuffling and dropout.
        epochs: in place of the recipe's own.
        splits: MNIST where None.
        folder: becomes a run folder, in one step at the end.

    Raises:
        RecipeError, ImageShapeError, OutputError, MissingDependencyError, TrainingError.
    """
    started = time.perf_counter()
    chosen = recipe_named(recipe) if isinstance(recipe, str) else recipe
    chosen = chosen if epochs is None else replace(chosen, epochs=epochs)
    backend_name = backend.import_keras()
    data = mnist() if splits is None else splits
    if folder is None:
        return trained(chosen, seed, data, backend_name, started, on_progress)
    with new_folder(Path(folder), overwrite=overwrite) as temporary:
        run = trained(chosen, seed, data, backend_name, started, on_progress)
        return save(replace(run, folder=Path(folder)), temporary, started)


def trained(
    recipe: Recipe, seed: int, data: Splits, backend_name: str, started: float, on_progress: OnProgress | None
) -> Run:
    """Fit and score; touches no files."""
    import keras

    keras.utils.set_random_seed(seed)
    model = compiled(recipe)
    for part in (data.train, data.validation, data.test):
        if part is not None:
            check_image_shape(part, tuple(model.input_shape[1:]), recipe.name)
    fit_started = time.perf_counter()
    history = fit(
        model,
        data.train.images,
        one_hot(data.train),
        batch_size=recipe.batch_size,
        epochs=recipe.epochs,
        validation_data=(data.validation.images, one_hot(data.validation)),
        on_progress=on_progress,
    ).history
    fit_seconds = time.perf_counter() - fit_started
    check_finite(history, recipe.name)
    return Run(
        recipe=recipe,
        seed=seed,
        engine="keras",
        model=model,
        history=history,
        fit_seconds=fit_seconds,
        seconds=time.perf_counter() - started,
        test_report=evaluate(keras_predict(model), data.test) if data.test else None,
        test=data.test,
        versions=training_versions(backend_name),
    )


def one_hot(dataset: Dataset) -> NDArray[np.float32]:
    return np.eye(CLASSES, dtype=np.float32)[dataset.labels]


def check_finite(history: Mapping[str, Sequence[float]], name: str) -> None:
    broken = np.flatnonzero(~np.isfinite(history["loss"]))
    if len(broken):
        raise TrainingError(
            f"training `{name}`",
            found=f"a loss of {history['loss'][broken[0]]} in epoch {broken[0] + 1}",
            expected="a finite loss",
            fix="Lower the learning rate.",
        )


def save(run: Run, folder: Path, started: float) -> Run:
    """Write a run's files into `folder`, which exists; returns the run with the time that all of it took."""
    run.model.save(folder / run_folder.KERAS_MODEL)
    write_onnx(run, folder / run_folder.ONNX_MODEL)
    run_folder.write_history(folder / run_folder.HISTORY, run.history)
    figures.save(
        figures.curves(run.history, run.recipe.name, PUBLISHED.get(run.recipe.name)), folder / run_folder.CURVES
    )
    if run.test is not None and run.test_report is not None:
        answers = run.test_report.probabilities.argmax(axis=1)
        figures.save(figures.digits(run.test, answers), folder / run_folder.DIGITS)
        figures.save(figures.confusion(run.test_report.confusion, run.recipe.name), folder / run_folder.CONFUSION)
    finished = replace(run, seconds=time.perf_counter() - started)
    run_folder.write_json(folder / run_folder.REPORT, finished.as_json())
    return finished


def write_onnx(run: Run, path: Path) -> None:
    """The `.onnx`, where `Network` describes the net; a net of the user's own may be beyond it."""
    try:
        network = network_from_keras(run.model)
    except UnsupportedLayerError:
        return
    metadata = onnx_file.Metadata(
        name=run.recipe.name,
        recipe=run.recipe.as_json(),
        seed=run.seed,
        versions=run.versions,
        scores=run.accuracy,
    )
    path.write_bytes(onnx_file.to_bytes(network, metadata))


def train_seeds(
    recipe: Recipe | str,
    seeds: Sequence[int],
    *,
    folder: Path | str,
    overwrite: bool = False,
    on_progress: Callable[[int], OnProgress] | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """`train` once a seed, into `folder/seed-N` each, with the JSON object of all in `folder/summary.json`.

    Args:
        on_progress: given a seed, what `train` tells its progress to.
        settings: as `train` takes them.
    """
    place = Path(folder)
    with new_folder(place, overwrite=overwrite):
        pass  # takes the name before the first seed; each finished seed then stays, whatever happens to the next
    runs = [
        train(
            recipe,
            seed=seed,
            folder=run_folder.seed_folder(place, seed),
            on_progress=on_progress(seed) if on_progress else None,
            **settings,
        ).as_json()
        for seed in seeds
    ]
    outcome = {"runs": runs, "summary": summary([run["accuracy"]["test"] for run in runs])}
    with new_file(place / run_folder.SUMMARY) as temporary:
        run_folder.write_json(temporary, outcome)
    return outcome


def summary(accuracies: Sequence[float | None]) -> dict[str, Any]:
    """Mean, sample standard deviation, range and number of test accuracies; None without test images."""
    known = [accuracy for accuracy in accuracies if accuracy is not None]
    if not known:
        return {"mean": None, "sd": None, "min": None, "max": None, "n": 0}
    return {
        "mean": mean(known),
        "sd": stdev(known) if len(known) > 1 else None,
        "min": min(known),
        "max": max(known),
        "n": len(known),
    }
