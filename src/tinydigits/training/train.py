"""`train`: one recipe, one seed, one finished run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tinydigits.data.dataset import Dataset, Splits, check_size, mnist
from tinydigits.errors import EngineError, TrainingError
from tinydigits.evaluation.pixels import pixels_note
from tinydigits.evaluation.report import evaluate
from tinydigits.formats import run_folder
from tinydigits.formats.keras_bridge import keras_predict
from tinydigits.formats.keras_pixels import Pixels, pixels_of, stated_pixels
from tinydigits.formats.keras_targets import targets
from tinydigits.formats.onnx.session import onnx_predict
from tinydigits.recipes.identity import beginning, data_hash
from tinydigits.recipes.keras_recipe import KerasRecipe
from tinydigits.recipes.load import recipe_from
from tinydigits.recipes.recipe import RECIPES, AnyRecipe, fresh_model
from tinydigits.shipped.results import PUBLISHED, Published
from tinydigits.system import backend
from tinydigits.system.atomic import new_folder
from tinydigits.system.interruption import deferred_interruptions, obey_interruptions
from tinydigits.system.progress import OnProgress
from tinydigits.system.stopwatch import Stopwatch
from tinydigits.system.versions import training_versions
from tinydigits.training.calibrate import calibration_or_note
from tinydigits.training.fit import Engine, OnFallback, fit, warn
from tinydigits.training.run import Run, network_of, save

if TYPE_CHECKING:
    import keras


__all__ = ["train"]


@deferred_interruptions()
def train(
    recipe: AnyRecipe | str,
    *,
    seed: int = 0,
    epochs: int | None = None,
    splits: Splits | None = None,
    engine: Engine = "auto",
    folder: Path | str | None = None,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
    on_fallback: OnFallback | None = None,
    pixels: Pixels | None = None,
) -> Run:
    """Train one recipe, score it and, given a folder, save everything there.

    Args:
        recipe: a recipe, the name of a shipped one, or a recipe file (`recipe_file.py`).
        seed: of initial weights, shuffling and dropout.
        epochs: in place of the recipe's own.
        splits: MNIST where None.
        engine: as `fit` takes it.
        folder: becomes a run folder, in one step at the end.
        overwrite: replace `folder` where it holds a run.
        on_fallback: told why where "auto" leaves the training to Keras; a warning where None.
        pixels: the range of the pixels that the model takes, "0-1" or "0-255"; what its first layers say where None.

    Raises:
        RecipeError: the recipe cannot be found or trained.
        ImageShapeError: the images have another size than the model takes.
        OutputError: `folder` cannot be written, or holds something already.
        MissingDependencyError: Keras or its backend is not installed.
        TrainingError: the loss became infinite or no number.
        EngineError: with engine="native", why the model cannot be trained natively.
    """
    job = Job(chosen(recipe, epochs), splits, engine, on_fallback or warn, pixels)
    if folder is None:
        return trained(job, seed, Stopwatch(), on_progress)
    with run_place(Path(folder), overwrite) as temporary:
        return trained_into(temporary, Path(folder), job, seed, on_progress)


@dataclass(frozen=True, eq=False)
class Job:
    """What is trained on what, and by what.

    Attributes:
        splits: MNIST where None.
        pixels: what the model's first layers say where None.
    """

    recipe: AnyRecipe
    splits: Splits | None
    engine: Engine = "auto"
    on_fallback: OnFallback = warn
    pixels: Pixels | None = None

    @property
    def published(self) -> Published | None:
        """The published figures, where this is what they were published for."""
        same = self.splits is None and self.pixels is None and self.recipe == RECIPES.get(self.recipe.name)
        return PUBLISHED.get(self.recipe.name) if same else None


def chosen(recipe: AnyRecipe | str, epochs: int | None) -> AnyRecipe:
    found = recipe_from(recipe) if isinstance(recipe, str) else recipe
    return found if epochs is None else replace(found, epochs=epochs)


@contextmanager
def run_place(folder: Path, overwrite: bool) -> Iterator[Path]:
    """A temporary folder that becomes `folder`, which may replace runs and nothing else."""
    if overwrite:
        run_folder.refuse_foreign(folder)
    with new_folder(folder, overwrite=overwrite) as temporary:
        yield temporary


def trained_into(temporary: Path, folder: Path, job: Job, seed: int, on_progress: OnProgress | None) -> Run:
    """Train, and save into `temporary`, which will be called `folder`; slow imports happen during the training."""
    stopwatch = Stopwatch()
    with ThreadPoolExecutor(1) as beside:
        for name in ("scipy.optimize", "matplotlib.figure"):
            beside.submit(import_module, name)
        run = trained(job, seed, stopwatch, on_progress)
    return save(replace(run, folder=folder), temporary, stopwatch)


def prepared(splits: Splits | None, stopwatch: Stopwatch) -> tuple[Splits, str]:
    """The data and the name of Keras' backend; MNIST is unpacked while Keras is imported."""
    with ThreadPoolExecutor(1) as beside, stopwatch.phase("prepare"):
        data = beside.submit(lambda: splits or mnist())
        backend_name = backend.import_keras()
        prepared = data.result(), backend_name
    obey_interruptions()
    return prepared


def trained(job: Job, seed: int, stopwatch: Stopwatch, on_progress: OnProgress | None) -> Run:
    """Fit and score; touches no files."""
    data, backend_name = prepared(job.splits, stopwatch)
    model = seeded_model(job.recipe, seed, len(data.train.images))
    pixels = job.pixels or pixels_of(model)
    begun = beginning(job.recipe, model, seed, data_hash(data), backend_name, pixels)
    for part in (data.train, data.validation, data.test):
        if part is not None:
            check_size(part.images, tuple(model.input_shape[1:]), part.name)
    range_note = note_before_training(model, job, data.validation)
    with stopwatch.phase("fit"):
        history, engine = fitted(model, job, data, on_progress)
    check_finite(history, job.recipe.name)
    judged = data.test or data.validation
    with stopwatch.phase("score"):
        network, taken = network_of(model, pixels)
        predict = keras_predict(model, pixels) if network is None else onnx_predict(network, model.name, taken)
        report = evaluate(predict, judged)
        validation = history["val_accuracy"][-1]
        if model.optimizer.use_ema:  # the averages took the weights' place after the last epoch's validation
            validation = evaluate(predict, data.validation).accuracy
    obey_interruptions()
    with stopwatch.phase("calibrate"):
        calibration, refusal_note = calibration_or_note(predict, network, data)
    obey_interruptions()
    return Run(
        recipe=job.recipe,
        published=job.published,
        seed=seed,
        engine=engine,
        model=model,
        network=network,
        history=history,
        validation=validation,
        judged=judged,
        report=report,
        tested=data.test is not None,
        timings=stopwatch.as_json(),
        seconds=stopwatch.seconds,
        versions=training_versions(backend_name),
        identity=begun.identity(engine),
        pixels=pixels,
        calibration=calibration,
        notes=tuple(note for note in (range_note, refusal_note) if note),
    )


def note_before_training(model: keras.Model, job: Job, digits: Dataset) -> str | None:
    """A note if a model that was trained before took pixels of the other range, as far as its answers tell."""
    trained_before = isinstance(job.recipe, KerasRecipe) and job.recipe.source.endswith(".keras")
    if not trained_before or job.pixels is not None or stated_pixels(model) is not None:
        return None
    return pixels_note(model.name, "0-1", keras_predict(model, "0-1"), keras_predict(model, "0-255"), digits)


def seeded_model(recipe: AnyRecipe, seed: int, images: int) -> keras.Model:
    import keras

    keras.utils.set_random_seed(seed)
    return fresh_model(recipe, images)


def fitted(
    model: keras.Model, job: Job, data: Splits, on_progress: OnProgress | None
) -> tuple[Mapping[str, Sequence[float]], str]:
    """The history of training `model`, and what trained it."""
    reasons: list[EngineError] = []

    def fall_back(reason: EngineError) -> None:
        reasons.append(reason)
        job.on_fallback(reason)

    history = fit(
        model,
        data.train.images,
        targets(model, data.train.labels),
        batch_size=job.recipe.batch_size,
        epochs=job.recipe.epochs,
        validation_data=(data.validation.images, targets(model, data.validation.labels)),
        verbose=0,
        pixels=job.pixels or pixels_of(model),
        augmentation=job.recipe.augmentation,
        engine=job.engine,
        on_fallback=fall_back,
        on_progress=on_progress,
    ).history
    return history, "keras" if job.engine == "keras" or reasons else "native"


def check_finite(history: Mapping[str, Sequence[float]], name: str) -> None:
    broken = np.flatnonzero(~np.isfinite(history["loss"]))
    if len(broken):
        raise TrainingError(
            f"training `{name}`",
            found=f"a loss of {history['loss'][broken[0]]} in epoch {broken[0] + 1}",
            expected="a finite loss",
            fix="Lower the learning rate.",
        )
