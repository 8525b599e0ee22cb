"""A run before its files: a recipe and a seed are made ready, trained and scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tinydigits.data.dataset import Dataset, Splits, check_size, mnist
from tinydigits.errors import EngineError, TrainingError
from tinydigits.evaluation.pixels import pixels_note
from tinydigits.evaluation.report import evaluate
from tinydigits.formats.keras_bridge import keras_predict
from tinydigits.formats.keras_pixels import Pixels, pixels_of, stated_pixels
from tinydigits.formats.keras_targets import targets
from tinydigits.formats.onnx.session import onnx_predict
from tinydigits.recipes.identity import Beginning, beginning, data_hash
from tinydigits.recipes.keras_recipe import KerasRecipe
from tinydigits.recipes.recipe import RECIPES, AnyRecipe, fresh_model
from tinydigits.shipped.results import PUBLISHED, Published
from tinydigits.system import backend
from tinydigits.system.interruption import obey_interruptions
from tinydigits.system.progress import OnProgress
from tinydigits.system.stopwatch import Stopwatch
from tinydigits.system.versions import training_versions
from tinydigits.training.calibrate import calibration_or_note
from tinydigits.training.checkpoints import Checkpoint, facts_of_recipe
from tinydigits.training.fit import Engine, OnFallback, fit, warn
from tinydigits.training.run import Run, network_of

if TYPE_CHECKING:
    import keras


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


@dataclass(frozen=True, eq=False)
class Start:
    """A job and a seed made ready: data, and a model that is compiled and not yet trained.

    Attributes:
        backend_name: of Keras.
        pixels: the range of the pixels that the model takes.
        decided: everything that decides the training but its engine.
        note: what its user should know before the training; None where nothing.
    """

    job: Job
    seed: int
    data: Splits
    backend_name: str
    model: keras.Model
    pixels: Pixels
    decided: Beginning
    note: str | None


def prepared(splits: Splits | None, stopwatch: Stopwatch) -> tuple[Splits, str]:
    """The data and the name of Keras' backend; MNIST is unpacked while Keras is imported."""
    with ThreadPoolExecutor(1) as beside, stopwatch.phase("prepare"):
        data = beside.submit(lambda: splits or mnist())
        backend_name = backend.import_keras()
        prepared = data.result(), backend_name
    obey_interruptions()
    return prepared


def start(job: Job, seed: int, stopwatch: Stopwatch) -> Start:
    """Makes ready what `job` trains with `seed`.

    Raises:
        ImageShapeError: the images have another size than the model takes.
    """
    data, backend_name = prepared(job.splits, stopwatch)
    model = seeded_model(job.recipe, seed, len(data.train.images))
    pixels = job.pixels or pixels_of(model)
    decided = beginning(job.recipe, model, seed, data_hash(data), backend_name, pixels)
    for part in (data.train, data.validation, data.test):
        if part is not None:
            check_size(part.images, tuple(model.input_shape[1:]), part.name)
    note = note_before_training(model, job, data.validation)
    return Start(job, seed, data, backend_name, model, pixels, decided, note)


def trained(
    job: Job, seed: int, stopwatch: Stopwatch, on_progress: OnProgress | None, checkpoint: Checkpoint | None = None
) -> Run:
    """Fit and score; touches no files but the checkpoint."""
    begun = start(job, seed, stopwatch)
    with stopwatch.phase("fit"):
        history, engine = fitted(begun, on_progress, checkpoint)
    check_finite(history, job.recipe.name)
    return scored(begun, history, engine, stopwatch, ordered=checkpoint is not None)


def scored(
    begun: Start,
    history: Mapping[str, Sequence[float]],
    engine: str,
    stopwatch: Stopwatch,
    *,
    ordered: bool,
    folder: Path | None = None,
) -> Run:
    """The run whose model was trained, judged and calibrated.

    Args:
        engine: "native" or "keras", which trained it.
        ordered: whether Keras was given the images in an order that can be gone on with.
        folder: where the run is saved already, if it is.
    """
    job, data, model = begun.job, begun.data, begun.model
    judged = data.test or data.validation
    with stopwatch.phase("score"):
        network, taken = network_of(model, begun.pixels)
        predict = keras_predict(model, begun.pixels) if network is None else onnx_predict(network, model.name, taken)
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
        seed=begun.seed,
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
        versions=training_versions(begun.backend_name),
        identity=identity_of(begun, engine, ordered=ordered),
        folder=folder,
        pixels=begun.pixels,
        calibration=calibration,
        notes=tuple(note for note in (begun.note, refusal_note) if note),
    )


def identity_of(begun: Start, engine: str, *, ordered: bool) -> str | None:
    """The identity of a run by this engine."""
    return identity_with(begun.decided, begun.job.recipe, engine, ordered)


def identity_with(decided: Beginning, recipe: AnyRecipe, engine: str, ordered: bool) -> str | None:
    """The identity of a run. Without augmentation, Keras' own order of images is another than one to go on with."""
    own_order = engine == "keras" and ordered and recipe.augmentation is None
    return decided.identity("keras, in order" if own_order else engine)


def possible_identities(
    job: Job, seed: int, data: tuple[str, int], backend_name: str, *, ordered: bool = False
) -> tuple[str, ...]:
    """The identities, one an engine, that a run of `job` by `trained` may have; none where they cannot be known.

    Args:
        data: the hash of what is trained and judged on, and how many images are trained on.
        ordered: whether Keras is given the images in an order that can be gone on with.
    """
    hashed, images = data
    begun = beginning(job.recipe, seeded_model(job.recipe, seed, images), seed, hashed, backend_name, job.pixels)
    engines = ("native", "keras") if job.engine == "auto" else (job.engine,)
    return tuple(filter(None, (identity_with(begun, job.recipe, engine, ordered) for engine in engines)))


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
    begun: Start, on_progress: OnProgress | None, checkpoint: Checkpoint | None
) -> tuple[Mapping[str, Sequence[float]], str]:
    """The history of training the model, and what trained it."""
    model, job, data = begun.model, begun.job, begun.data
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
        pixels=begun.pixels,
        augmentation=job.recipe.augmentation,
        engine=job.engine,
        on_fallback=fall_back,
        on_progress=on_progress,
        checkpoint=checkpoint and replace(checkpoint, facts=facts_of_recipe(job.recipe, begun.seed)),
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
