"""`train_seeds`: one recipe over many seeds, one seed a core, as a folder of runs with a summary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from tinydigits.data.dataset import Splits
from tinydigits.evaluation.metrics import summary
from tinydigits.formats import run_folder
from tinydigits.formats.keras_pixels import Pixels
from tinydigits.recipes.recipe import RECIPES, AnyRecipe
from tinydigits.system.atomic import hidden_folder, new_file, put
from tinydigits.system.interruption import deferred_interruptions
from tinydigits.system.progress import Progress
from tinydigits.training.fit import Engine, OnFallback, once, warn
from tinydigits.training.pool import trainings
from tinydigits.training.task import Task
from tinydigits.training.train import Job, chosen, run_place

__all__ = ["train_seeds"]


@deferred_interruptions()
def train_seeds(
    recipe: AnyRecipe | str,
    seeds: Sequence[int],
    *,
    folder: Path | str,
    epochs: int | None = None,
    splits: Splits | None = None,
    engine: Engine = "auto",
    overwrite: bool = False,
    on_progress: Callable[[int, Progress], None] | None = None,
    on_fallback: OnFallback | None = None,
    pixels: Pixels | None = None,
) -> dict[str, Any]:
    """`train` once a seed, into `folder/seed-N` each, with the JSON object of all in `folder/summary.json`.

    The folder appears with its first finished seed; each finished seed then stays, whatever happens to the others.

    Seeds are trained at once, one a core, each by one thread of a process of its own. The native engine gives the same
    weights whatever the number of threads; Keras' own fit gives those of one thread, which differ by rounding from
    those of several. A recipe given as an object is trained in this process, one seed after the other, unless it is a
    shipped one (with whatever number of epochs): a function of yours exists in this process alone. To train it one
    seed a core, write it to a file and give `FILE.py:FUNCTION`.

    Args:
        on_progress: called with a seed and the progress of its training, from this thread.
        on_fallback: told each reason once.
        pixels: as `train` takes it.

    Raises:
        TrainingError: also where a process was killed. Otherwise as `train`.
    """
    job = Job(chosen(recipe, epochs), splits, engine, once(on_fallback or warn), pixels)
    place, text = Path(folder), worker_text(recipe)
    reports: dict[int, dict[str, Any]] = {}
    with ExitStack() as stack:
        with run_place(place, overwrite) as temporary:
            scratch = stack.enter_context(hidden_folder(place))
            tasks = [
                Task(job, text, seed, run_folder.seed_folder(scratch, seed), run_folder.seed_folder(place, seed))
                for seed in seeds
            ]
            told = None if on_progress is None else lambda task, progress: on_progress(task.seed, progress)
            finished = stack.enter_context(closing(trainings(tasks, scratch, told)))
            task, reports[task.seed] = next(finished)
            put(task.folder, run_folder.seed_folder(temporary, task.seed))
        for task, report in finished:
            put(task.folder, task.named)
            reports[task.seed] = report
    runs = [reports[seed] for seed in seeds]
    outcome = {"runs": runs, "summary": summary([run["accuracy"]["test"] for run in runs])}
    with new_file(place / run_folder.SUMMARY) as summary_file:
        run_folder.write_json(summary_file, outcome)
    return outcome


def worker_text(recipe: AnyRecipe | str) -> str | None:
    """Text from which a worker can load the recipe, but for its epochs; None if only this process has it."""
    if isinstance(recipe, str):
        return recipe
    shipped = RECIPES.get(recipe.name)
    return recipe.name if shipped and replace(recipe, epochs=shipped.epochs) == shipped else None
