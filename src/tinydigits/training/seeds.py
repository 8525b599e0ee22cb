"""`train_seeds`: one recipe over many seeds, one seed a core, as a folder of runs with a summary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from tinydigits.data.dataset import Splits
from tinydigits.evaluation.metrics import summary
from tinydigits.formats import run_folder
from tinydigits.formats.keras_pixels import Pixels
from tinydigits.recipes.given_settings import one_value_each
from tinydigits.recipes.recipe import AnyRecipe
from tinydigits.system.atomic import hidden_folder, new_file, put
from tinydigits.system.interruption import deferred_interruptions
from tinydigits.system.progress import Progress
from tinydigits.training.finished import finished_report
from tinydigits.training.fit import Engine, OnFallback, once, warn
from tinydigits.training.pool import trainings
from tinydigits.training.task import Place, Task, changes_of
from tinydigits.training.train import checkpoint_at, chosen, ready_to_go_on, remove_checkpoint, run_place
from tinydigits.training.unsaved import Job

__all__ = ["train_seeds"]


@deferred_interruptions()
def train_seeds(
    recipe: AnyRecipe | str,
    seeds: Sequence[int],
    *,
    folder: Path | str,
    epochs: int | None = None,
    settings: Mapping[str, Any] | None = None,
    splits: Splits | None = None,
    engine: Engine = "auto",
    overwrite: bool = False,
    on_progress: Callable[[int, Progress], None] | None = None,
    on_fallback: OnFallback | None = None,
    pixels: Pixels | None = None,
    checkpoint_every: int | None = None,
    resume: bool = False,
) -> dict[str, Any]:
    """`train` once a seed, into `folder/seed-N` each, with the JSON object of all in `folder/summary.json`.

    The folder appears with its first finished seed; each finished seed then stays, whatever happens to the others.

    Seeds are trained at once, one a core, each by one thread of a process of its own. The native engine gives the same
    weights whatever the number of threads; Keras' own fit gives those of one thread, which differ by rounding from
    those of several. A recipe given as an object is trained in this process, one seed after the other, unless it is a
    shipped one (with whatever numbers in its settings): a function of yours exists in this process alone. To train it
    one seed a core, write it to a file and give `FILE.py:FUNCTION`.

    Args:
        on_progress: called with a seed and the progress of its training, from this thread.
        on_fallback: told each reason once.
        settings, pixels: as `train` takes them.
        checkpoint_every: as `train` takes it; each seed has a checkpoint, `FOLDER.seed-N.checkpoint`.
        resume: as `train` takes it. Finished seeds in `folder` are not trained again.

    Raises:
        TrainingError: also where a process was killed. Otherwise as `train`.
    """
    job = Job(chosen(recipe, epochs, settings), splits, engine, once(on_fallback or warn), pixels)
    place, text = Path(folder), worker_text(recipe)
    changes = {**worker_changes(recipe), **one_value_each(job.recipe, settings or {})}
    ready_to_go_on(place, resume=resume, overwrite=overwrite)
    reports = finished_reports(job, seeds, place, overwrite=overwrite) if resume else {}
    paths = {seed: run_folder.checkpoint_of(place, seed) for seed in seeds}
    with ExitStack() as stack:
        with seeds_place(place, overwrite, stays=resume and has_seeds(place) and not overwrite) as first_place:
            scratch = stack.enter_context(hidden_folder(place))
            tasks = [
                Task(
                    job,
                    text,
                    seed,
                    Place(run_folder.seed_folder(scratch, seed), run_folder.seed_folder(place, seed)),
                    checkpoint_at(paths[seed], checkpoint_every, resume=resume),
                    changes,
                )
                for seed in seeds
                if seed not in reports
            ]
            told = None if on_progress is None else lambda task, progress: on_progress(task.seed, progress)
            finished = stack.enter_context(closing(trainings(tasks, scratch, told)))
            for task, report in islice(finished, 1):
                put(run_folder.seed_folder(scratch, task.seed), run_folder.seed_folder(first_place, task.seed))
                reports[task.seed] = report
        for seed in reports:
            remove_checkpoint(paths[seed])
        for task, report in finished:
            put(run_folder.seed_folder(scratch, task.seed), run_folder.seed_folder(place, task.seed))
            reports[task.seed] = report
            remove_checkpoint(paths[task.seed])
    runs = [reports[seed] for seed in seeds]
    outcome = {"runs": runs, "summary": summary([run["accuracy"]["test"] for run in runs])}
    with new_file(place / run_folder.SUMMARY) as summary_file:
        run_folder.write_json(summary_file, outcome)
    return outcome


def finished_reports(job: Job, seeds: Sequence[int], place: Path, *, overwrite: bool) -> dict[int, dict[str, Any]]:
    """The reports of the seeds that are finished in `place`; none where all of it is to be replaced.

    Raises:
        OutputError: a run there is of another training, and `overwrite` is not set.
    """
    if overwrite:
        return {}
    folders = {seed: run_folder.seed_folder(place, seed) for seed in seeds}
    found = {seed: finished_report(job, seed, folder) for seed, folder in folders.items()}
    return {seed: report for seed, report in found.items() if report is not None}


def has_seeds(place: Path) -> bool:
    return any(place.glob(f"{run_folder.SEED}*"))


@contextmanager
def seeds_place(place: Path, overwrite: bool, *, stays: bool) -> Iterator[Path]:
    """The folder that the first finished seed is put into: `place` if it stays, else one that becomes it."""
    if stays:
        yield place
        return
    with run_place(place, overwrite) as temporary:
        yield temporary


def worker_text(recipe: AnyRecipe | str) -> str | None:
    """Text from which a worker can load the recipe, but for its changes; None if only this process has it."""
    if isinstance(recipe, str):
        return recipe
    return recipe.name if changes_of(recipe) is not None else None


def worker_changes(recipe: AnyRecipe | str) -> dict[str, Any]:
    """What the recipe has in place of the settings that its text for workers stands for, by name."""
    return {} if isinstance(recipe, str) else changes_of(recipe) or {}
