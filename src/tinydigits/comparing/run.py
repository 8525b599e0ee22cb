"""Runs a plan: trains what is missing, and reports what all runs come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

from tinydigits.comparing.plan import Contender, Plan, Wanted
from tinydigits.comparing.report import described
from tinydigits.errors import OutputError
from tinydigits.formats import run_folder
from tinydigits.formats.finished_runs import FinishedRun, read_run
from tinydigits.system.atomic import explained, hidden_folder, new_file, put
from tinydigits.system.hidden import remove_if_empty
from tinydigits.system.interruption import deferred_interruptions
from tinydigits.system.progress import Progress
from tinydigits.training.pool import trainings
from tinydigits.training.task import Place, Task

# Called with a recipe's label, a seed, and the progress of that training.
OnProgress = Callable[[str, int, Progress], None]


@deferred_interruptions()
def run(plan: Plan, on_progress: OnProgress | None = None) -> dict[str, Any]:
    """Train the missing runs of `plan`, and write `comparison.json` and `comparison.png`.

    Returns:
        What `comparison.json` holds.
    """
    known = {**plan.known, **train_missing(plan, on_progress)}
    by_recipe: dict[str, dict[int, FinishedRun]] = {each.contender.label: {} for each in plan.wanted}
    for each in plan.wanted:
        found = next(known[identity] for identity in each.identities if identity in known)
        by_recipe[each.contender.label][each.seed] = found
    outcome = described(by_recipe, plan.judged)
    with new_file(plan.folder / run_folder.COMPARISON) as file:
        run_folder.write_json(file, outcome)
    with new_file(plan.folder / run_folder.COMPARISON_PICTURE) as file:
        draw(outcome, file)
    return outcome


def draw(outcome: dict[str, Any], file: Path) -> None:
    from tinydigits.figures import results, runs

    runs.save(results.comparison(outcome), file)


def train_missing(plan: Plan, on_progress: OnProgress | None) -> dict[str, FinishedRun]:
    """Trains, one run per core, and moves each finished run to its folder at once. Returns them by identity."""
    missing, place = plan.missing, plan.folder
    done: dict[str, FinishedRun] = {}
    with explained(place):
        place.mkdir(parents=True, exist_ok=True)
    try:
        with hidden_folder(place) as scratch:
            tasks = {
                Task(
                    each.contender.job, each.contender.recipe_text, each.seed, Place(scratch / str(number), named)
                ): each
                for number, (each, named) in enumerate(zip(missing, free_folders(missing, place), strict=True))
            }

            def show(task: Task, progress: Progress) -> None:
                if on_progress:
                    on_progress(tasks[task].contender.label, task.seed, progress)

            with closing(trainings(list(tasks), scratch, show)) as finished:
                for task, _ in finished:
                    assert task.place is not None
                    task.place.named.parent.mkdir(exist_ok=True)
                    put(task.place.folder, task.place.named)
                    done |= dict.fromkeys(tasks[task].identities, whole_run(task.place.named, len(plan.judged)))
    finally:
        remove_if_empty(place)
    return done


def free_folders(missing: Sequence[Wanted], place: Path) -> list[Path]:
    """A folder for each run: `NAME/seed-N`, or in `NAME-2`, `NAME-3`… if other runs have that name."""
    folders: dict[Contender, Path] = {}
    for contender in dict.fromkeys(each.contender for each in missing):
        seeds = [each.seed for each in missing if each.contender is contender]
        name = contender.job.recipe.name
        names = (place / (name if number == 1 else f"{name}-{number}") for number in count(1))
        folders[contender] = next(
            parent
            for parent in names
            if parent not in folders.values()
            and not any(run_folder.seed_folder(parent, seed).exists() for seed in seeds)
        )
    return [run_folder.seed_folder(folders[each.contender], each.seed) for each in missing]


def whole_run(folder: Path, images: int) -> FinishedRun:
    run = read_run(folder, images)
    if run is None:
        raise OutputError(
            folder, found="a run that was changed", expected="what was just written", fix="Leave it alone meanwhile."
        )
    return run
