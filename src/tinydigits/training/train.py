"""`train`: one recipe, one seed, one finished run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from tinydigits.data.dataset import Splits
from tinydigits.errors import OutputError, RecipeError
from tinydigits.formats import run_folder
from tinydigits.formats.keras_pixels import Pixels
from tinydigits.recipes.given_settings import one_value_each, refuse_epochs_twice, with_values
from tinydigits.recipes.load import recipe_from
from tinydigits.recipes.recipe import AnyRecipe
from tinydigits.system.atomic import explained, new_folder
from tinydigits.system.hidden import clear_leftovers, in_use, remove_if_empty
from tinydigits.system.interruption import deferred_interruptions
from tinydigits.system.progress import OnProgress
from tinydigits.system.stopwatch import Stopwatch
from tinydigits.training.checkpoints import Checkpoint
from tinydigits.training.finished import finished_run
from tinydigits.training.fit import Engine, OnFallback, warn
from tinydigits.training.run import Run, save
from tinydigits.training.unsaved import Job, trained

__all__ = ["train"]


@deferred_interruptions()
def train(
    recipe: AnyRecipe | str,
    *,
    seed: int = 0,
    epochs: int | None = None,
    settings: Mapping[str, Any] | None = None,
    splits: Splits | None = None,
    engine: Engine = "auto",
    folder: Path | str | None = None,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
    on_fallback: OnFallback | None = None,
    pixels: Pixels | None = None,
    checkpoint_every: int | None = None,
    resume: bool = False,
) -> Run:
    """Train one recipe, score it and, given a folder, save everything there.

    Args:
        recipe: a recipe, the name of a shipped one, or a recipe file (`recipe_file.py`).
        seed: of initial weights, shuffling and dropout.
        epochs: in place of the recipe's own.
        settings: other values in place of the recipe's own, such as `{"optimizer.learning_rate": 0.01}`; the names are
            those that `sweep` takes.
        splits: MNIST where None.
        engine: as `fit` takes it.
        folder: becomes a run folder, in one step at the end.
        overwrite: replace `folder` where it holds a run.
        on_fallback: told why where "auto" leaves the training to Keras; a warning where None.
        pixels: the range of the pixels that the model takes, "0-1" or "0-255"; what its first layers say where None.
        checkpoint_every: keep the state of the training in `FOLDER.checkpoint` after every so many epochs, counted from
            the first, until the run is in `folder`. docs/checkpoints.md says more.
        resume: go on from `FOLDER.checkpoint`; begin where there is none. A run that is finished in `folder` is read,
            not trained again, unless `overwrite` is set.

    Raises:
        RecipeError: the recipe cannot be found or trained.
        ImageShapeError: the images have another size than the model takes.
        OutputError: `folder` cannot be written, or holds something already, or another training is filling it.
        CheckpointError: the checkpoint is damaged, or of another training.
        MissingDependencyError: Keras or its backend is not installed.
        TrainingError: the loss became infinite or no number.
        EngineError: with engine="native", why the model cannot be trained natively.
    """
    job = Job(chosen(recipe, epochs, settings), splits, engine, on_fallback or warn, pixels)
    if folder is None:
        refuse_without_folder(checkpoint_every, resume)
        return trained(job, seed, Stopwatch(), on_progress)
    place = Path(folder)
    path = run_folder.checkpoint_of(place)
    ready_to_go_on(place, resume=resume, overwrite=overwrite)
    run = finished_run(job, seed, place) if resume and not overwrite else None
    if run is None:
        with run_place(place, overwrite) as temporary:
            checkpoint = checkpoint_at(path, checkpoint_every, resume=resume)
            run = trained_into(temporary, place, job, seed, on_progress, checkpoint)
    remove_checkpoint(path)
    return run


def chosen(recipe: AnyRecipe | str, epochs: int | None, settings: Mapping[str, Any] | None = None) -> AnyRecipe:
    """The recipe with other epochs and other values of its settings.

    Raises:
        RecipeError: there is no such recipe or setting, or it cannot be trained with the values.
    """
    found = recipe_from(recipe) if isinstance(recipe, str) else recipe
    if settings:
        refuse_epochs_twice(settings, epochs)
        found = with_values(found, one_value_each(found, settings))
    return found if epochs is None else replace(found, epochs=epochs)


@contextmanager
def run_place(folder: Path, overwrite: bool) -> Iterator[Path]:
    """A temporary folder that becomes `folder`, which may replace runs and nothing else."""
    if overwrite:
        run_folder.refuse_foreign(folder)
    with new_folder(folder, overwrite=overwrite) as temporary:
        yield temporary


def refuse_without_folder(checkpoint_every: int | None, resume: bool) -> None:
    if checkpoint_every is not None or resume:
        given = "resume" if resume else "checkpoint_every"
        raise RecipeError(given, found="no folder", expected="the run's folder", fix="Checkpoints lie beside it.")


def ready_to_go_on(place: Path, *, resume: bool, overwrite: bool) -> None:
    """Raises OutputError if another training is filling `place`, or if its checkpoints would be forgotten."""
    if resume and in_use(place):
        raise OutputError(
            place, found="another training that is filling it", expected="one at a time", fix="Wait for it, or end it."
        )
    if resume:
        remove_if_empty(place)  # a killed training reserved it
    left = run_folder.checkpoints(place)
    if left and not resume and not overwrite:
        raise OutputError(
            left[0],
            found="the checkpoint of a training that did not end",
            expected="none",
            fix=f"Pass --resume {place} (resume=True) to go on, or --overwrite (overwrite=True) to begin anew.",
        )


def checkpoint_at(path: Path, every: int | None, *, resume: bool) -> Checkpoint | None:
    return None if every is None and not resume else Checkpoint(path, every, resume)


def remove_checkpoint(path: Path) -> None:
    """Removes a checkpoint that is not needed any more, and what killed processes left of it."""
    with explained(path):
        path.unlink(missing_ok=True)
        clear_leftovers(path)


def trained_into(
    temporary: Path,
    folder: Path,
    job: Job,
    seed: int,
    on_progress: OnProgress | None,
    checkpoint: Checkpoint | None = None,
) -> Run:
    """Train, and save into `temporary`, which will be called `folder`; slow imports happen during the training."""
    stopwatch = Stopwatch()
    with ThreadPoolExecutor(1) as beside:
        for name in ("scipy.optimize", "matplotlib.figure"):
            beside.submit(import_module, name)
        run = trained(job, seed, stopwatch, on_progress, checkpoint)
    return save(replace(run, folder=folder), temporary, stopwatch)
