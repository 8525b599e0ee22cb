"""`compare`: recipes over the same seeds, and what their differences are worth; what is done already stays done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from tinydigits.comparing.report import described
from tinydigits.data.dataset import Splits
from tinydigits.errors import OutputError, RecipeError
from tinydigits.figures import results as result_figures
from tinydigits.figures import runs as figures
from tinydigits.formats import run_folder
from tinydigits.formats.finished_runs import FinishedRun, finished_runs, read_run
from tinydigits.recipes.identity import beginning, data_hash
from tinydigits.recipes.load import AnyRecipe
from tinydigits.system.atomic import explained, hidden_folder, new_file, put, remove_if_empty
from tinydigits.system.progress import OnProgress
from tinydigits.system.stopwatch import Stopwatch
from tinydigits.training.fit import Engine, OnFallback, warn
from tinydigits.training.pool import Task, trainings
from tinydigits.training.seeds import once, spoken_of
from tinydigits.training.train import Job, chosen, prepared, seeded_model

__all__ = ["OnTraining", "compare"]


@dataclass(frozen=True, eq=False)
class Contender:
    """One recipe under comparison.

    Attributes:
        label: what it is called in this comparison.
        spoken: what another process finds it by.
    """

    label: str
    job: Job
    spoken: str | None


@dataclass(frozen=True, eq=False)
class Wanted:
    """One run of a comparison; `identities` are those of finished runs that will do."""

    contender: Contender
    seed: int
    identities: tuple[str, ...]


OnTraining = Callable[[str, int], OnProgress]


def compare(
    recipes: Sequence[AnyRecipe | str],
    seeds: Sequence[int],
    *,
    folder: Path | str,
    epochs: int | None = None,
    splits: Splits | None = None,
    engine: Engine = "auto",
    on_plan: Callable[[int, int], OnTraining | None] | None = None,
    on_fallback: OnFallback | None = None,
) -> dict[str, Any]:
    """Train each recipe once a seed, into `folder/NAME/seed-N`, and say and draw how they differ, in `comparison.*`.

    Runs that `folder` holds already are taken as they are, whatever they are called, if what decided them is the same
    (`identity.py`): an interrupted comparison goes on, and of more seeds only the new ones are trained. With
    engine="auto" a run by either engine will do. Recipes are judged on the test images, or on those for validation
    where there are no others.

    Args:
        recipes: two or more, as `train` takes them.
        on_plan: told once how many runs are to be trained, and how many are there; gives what, of a recipe's name and
            a seed, gives what is told the progress of that training.

    Returns:
        What `comparison.json` holds.

    Raises:
        RecipeError: fewer than two recipes, or one twice. Otherwise as `train_seeds`.
    """
    place = Path(folder)
    contenders = contenders_of(recipes, epochs, splits, engine, once(on_fallback or warn))
    data, backend_name = prepared(splits, Stopwatch())
    judged, begun_on = data.test or data.validation, (data_hash(data), len(data.train.images))
    wanted = [wanted_run(each, seed, begun_on, backend_name) for each in contenders for seed in seeds]
    known = finished_runs(place, len(judged))
    missing = not_among(known, wanted)
    on_training = on_plan(len(missing), len(wanted) - len(missing)) if on_plan else None
    known |= train_missing(missing, place, len(judged), on_training)
    by_recipe: dict[str, dict[int, FinishedRun]] = {each.label: {} for each in contenders}
    for each in wanted:
        run = next(known[identity] for identity in each.identities if identity in known)
        by_recipe[each.contender.label][each.seed] = run
    outcome = described(by_recipe, judged)
    with new_file(place / run_folder.COMPARISON) as file:
        run_folder.write_json(file, outcome)
    with new_file(place / run_folder.COMPARISON_PICTURE) as file:
        figures.save(result_figures.comparison(outcome), file)
    return outcome


def contenders_of(
    recipes: Sequence[AnyRecipe | str],
    epochs: int | None,
    splits: Splits | None,
    engine: Engine,
    on_fallback: OnFallback,
) -> list[Contender]:
    """The recipes, loaded; where two are called the same, by what was given for them."""
    jobs = [Job(chosen(recipe, epochs), splits, engine, on_fallback) for recipe in recipes]
    names = [job.recipe.name for job in jobs]
    labels = [
        name if names.count(name) == 1 or not isinstance(recipe, str) else recipe
        for name, recipe in zip(names, recipes, strict=True)
    ]
    if len(labels) < 2 or len(set(labels)) < len(labels):
        raise RecipeError(
            "recipes", found=", ".join(labels) or "none", expected="two or more, each once", fix="Name others."
        )
    return [Contender(label, job, spoken_of(recipe)) for label, job, recipe in zip(labels, jobs, recipes, strict=True)]


def wanted_run(contender: Contender, seed: int, data: tuple[str, int], backend_name: str) -> Wanted:
    """A run with its identities; with one of its own, that no other run has, where its content cannot be known.

    Args:
        data: the hash of what is trained and judged on, and how many images are trained on.
    """
    job, (hashed, images) = contender.job, data
    begun = beginning(job.recipe, seeded_model(job.recipe, seed, images), seed, hashed, backend_name)
    engines = ("native", "keras") if job.engine == "auto" else (job.engine,)
    identities = tuple(filter(None, (begun.identity(engine) for engine in engines)))
    return Wanted(contender, seed, identities or (f"{contender.label}, seed {seed}, this time",))


def not_among(known: Mapping[str, FinishedRun], wanted: Sequence[Wanted]) -> list[Wanted]:
    """What has to be trained; each content once, also where two recipes have it."""
    missing = {each.identities: each for each in reversed(wanted) if not any(one in known for one in each.identities)}
    return list(reversed(missing.values()))


def train_missing(
    missing: Sequence[Wanted], place: Path, images: int, on_training: OnTraining | None
) -> dict[str, FinishedRun]:
    """Train, one run a core; each finished run gets its place at once, and is given by the identities wanted of it."""
    done: dict[str, FinishedRun] = {}
    with explained(place):
        place.mkdir(parents=True, exist_ok=True)
    try:
        with hidden_folder(place) as scratch:
            tasks = {}
            for number, (each, named) in enumerate(zip(missing, free_folders(missing, place), strict=True)):
                task = Task(each.contender.job, each.contender.spoken, each.seed, scratch / str(number), named)
                tasks[task] = each
            told = None if on_training is None else lambda task: on_training(tasks[task].contender.label, task.seed)
            with closing(trainings(list(tasks), scratch, told)) as finished:
                for task, _ in finished:
                    task.named.parent.mkdir(exist_ok=True)
                    put(task.folder, task.named)
                    done |= dict.fromkeys(tasks[task].identities, whole_run(task.named, images))
    finally:
        remove_if_empty(place)
    return done


def free_folders(missing: Sequence[Wanted], place: Path) -> list[Path]:
    """A folder for each run: `NAME/seed-N`, or in `NAME-2`, `NAME-3`… where runs of other content have that name."""
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
