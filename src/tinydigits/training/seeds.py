"""`train_seeds`: one recipe over many seeds, one seed a core, as a folder of runs with a summary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from tinydigits.data.dataset import Splits
from tinydigits.errors import EngineError
from tinydigits.formats import run_folder
from tinydigits.recipes.load import AnyRecipe
from tinydigits.recipes.recipe import RECIPES
from tinydigits.system.atomic import hidden_folder, new_file, put
from tinydigits.system.progress import OnProgress
from tinydigits.training.fit import Engine, OnFallback, warn
from tinydigits.training.pool import Task, trainings
from tinydigits.training.train import Job, chosen, run_place

__all__ = ["train_seeds"]


def train_seeds(
    recipe: AnyRecipe | str,
    seeds: Sequence[int],
    *,
    folder: Path | str,
    epochs: int | None = None,
    splits: Splits | None = None,
    engine: Engine = "auto",
    overwrite: bool = False,
    on_progress: Callable[[int], OnProgress] | None = None,
    on_fallback: OnFallback | None = None,
) -> dict[str, Any]:
    """`train` once a seed, into `folder/seed-N` each, with the JSON object of all in `folder/summary.json`.

    The folder appears with its first finished seed; each finished seed then stays, whatever happens to the others.

    Seeds are trained at once, one a core, each by one thread of a process of its own. The native engine gives the same
    weights whatever the number of threads; Keras' own fit gives those of one thread, which differ by rounding from
    those of several. A recipe given as an object is trained in this process, one seed after the other, unless it is a
    shipped one (with whatever number of epochs): a function of yours exists in this process alone. To train it one
    seed a core, write it to a file and give `FILE.py:FUNCTION`.

    Args:
        on_progress: given a seed, what its training's progress is told to; from this thread, seeds in turn.
        on_fallback: told each reason once.

    Raises:
        TrainingError: also where a process was killed. Otherwise as `train`.
    """
    job = Job(chosen(recipe, epochs), splits, engine, once(on_fallback or warn))
    place, spoken = Path(folder), spoken_of(recipe)
    reports: dict[int, dict[str, Any]] = {}
    with ExitStack() as stack:
        with run_place(place, overwrite) as temporary:
            scratch = stack.enter_context(hidden_folder(place))
            tasks = [
                Task(job, spoken, seed, run_folder.seed_folder(scratch, seed), run_folder.seed_folder(place, seed))
                for seed in seeds
            ]
            told = None if on_progress is None else lambda task: on_progress(task.seed)
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


def spoken_of(recipe: AnyRecipe | str) -> str | None:
    """What another process finds a recipe by, its number of epochs apart; None where it exists in this one only."""
    if isinstance(recipe, str):
        return recipe
    shipped = RECIPES.get(recipe.name)
    return recipe.name if shipped and replace(recipe, epochs=shipped.epochs) == shipped else None


def once(on_fallback: OnFallback) -> OnFallback:
    """`on_fallback`, but told each reason a single time."""
    told: set[str] = set()

    def tell(reason: EngineError) -> None:
        if str(reason) not in told:
            told.add(str(reason))
            on_fallback(reason)

    return tell


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
