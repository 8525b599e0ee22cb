"""`train`: one recipe, one seed, one finished run; and the same over many seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from statistics import mean, stdev
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits import backend, run_folder
from tinydigits.atomic import new_file, new_folder
from tinydigits.data import CLASSES, Dataset, Splits, mnist
from tinydigits.errors import TrainingError, UnsupportedLayerError
from tinydigits.evaluation import Predict, check_image_shape, evaluate
from tinydigits.fitting import OnProgress, fit
from tinydigits.keras_bridge import keras_predict, network_from_keras
from tinydigits.onnx_session import onnx_predict
from tinydigits.recipes import Recipe, compiled, recipe_named
from tinydigits.runs import Run, save
from tinydigits.stopwatch import Stopwatch
from tinydigits.versions import training_versions

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray


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
    stopwatch = Stopwatch()
    chosen = recipe_named(recipe) if isinstance(recipe, str) else recipe
    chosen = chosen if epochs is None else replace(chosen, epochs=epochs)
    if folder is None:
        return trained(chosen, seed, *prepared(splits, stopwatch), stopwatch, on_progress)
    with new_folder(Path(folder), overwrite=overwrite) as temporary:
        run = trained(chosen, seed, *prepared(splits, stopwatch), stopwatch, on_progress)
        return save(replace(run, folder=Path(folder)), temporary, stopwatch)


def prepared(splits: Splits | None, stopwatch: Stopwatch) -> tuple[Splits, str]:
    """The data and the name of Keras' backend; MNIST is unpacked while Keras is imported."""
    with ThreadPoolExecutor(1) as beside, stopwatch.phase("prepare"):
        data = beside.submit(lambda: splits or mnist())
        backend_name = backend.import_keras()
        return data.result(), backend_name


def trained(
    recipe: Recipe,
    seed: int,
    data: Splits,
    backend_name: str,
    stopwatch: Stopwatch,
    on_progress: OnProgress | None,
) -> Run:
    """Fit and score; touches no files."""
    import keras

    keras.utils.set_random_seed(seed)
    model = compiled(recipe)
    for part in (data.train, data.validation, data.test):
        if part is not None:
            check_image_shape(part, tuple(model.input_shape[1:]), recipe.name)
    with ThreadPoolExecutor(1) as beside, stopwatch.phase("fit"):
        beside.submit(import_module, "matplotlib.figure")  # the pictures come next
        history = fit(
            model,
            data.train.images,
            one_hot(data.train),
            batch_size=recipe.batch_size,
            epochs=recipe.epochs,
            validation_data=(data.validation.images, one_hot(data.validation)),
            on_progress=on_progress,
        ).history
    check_finite(history, recipe.name)
    with stopwatch.phase("score"):
        test_report = evaluate(predict_of(model), data.test) if data.test else None
    return Run(
        recipe=recipe,
        seed=seed,
        engine="keras",
        model=model,
        history=history,
        timings=stopwatch.as_json(),
        seconds=stopwatch.seconds,
        test_report=test_report,
        test=data.test,
        versions=training_versions(backend_name),
    )


def predict_of(model: keras.Model) -> Predict:
    """The model's `predict`: by ONNX Runtime, which needs no warming up, or by Keras where `Network` lacks a layer."""
    try:
        return onnx_predict(network_from_keras(model), model.name)
    except UnsupportedLayerError:
        return keras_predict(model)


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
