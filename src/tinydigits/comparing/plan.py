"""What a comparison needs: which runs it wants, which of them are finished, which are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinydigits.data.dataset import Dataset, Splits
from tinydigits.errors import RecipeError
from tinydigits.formats.finished_runs import FinishedRun, finished_runs
from tinydigits.recipes.identity import data_hash
from tinydigits.recipes.recipe import AnyRecipe
from tinydigits.system.stopwatch import Stopwatch
from tinydigits.training.fit import Engine, OnFallback, once, warn
from tinydigits.training.seeds import worker_text
from tinydigits.training.train import chosen
from tinydigits.training.unsaved import Job, possible_identities, prepared


@dataclass(frozen=True, eq=False)
class Contender:
    """One recipe under comparison.

    Attributes:
        label: its name in this comparison.
        recipe_text: text from which a worker can load the recipe; None if only this process has it.
    """

    label: str
    job: Job
    recipe_text: str | None


@dataclass(frozen=True, eq=False)
class Wanted:
    """One run of a comparison; a finished run with one of `identities` serves as well."""

    contender: Contender
    seed: int
    identities: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """A comparison, before it is run.

    Attributes:
        folder: where runs are looked for and put.
        judged: the images that every run answers: the test images, or those for validation if there are no others.
        wanted: one run a recipe and seed.
        known: finished runs in `folder`, by identity.
    """

    folder: Path
    judged: Dataset
    wanted: tuple[Wanted, ...]
    known: Mapping[str, FinishedRun]

    @property
    def missing(self) -> list[Wanted]:
        """The runs to train. If two recipes want the same run, it is listed once."""
        return not_among(self.known, self.wanted)

    @property
    def finished(self) -> int:
        """How many of the wanted runs need no training."""
        return len(self.wanted) - len(self.missing)


def make_plan(
    recipes: Sequence[AnyRecipe | str],
    seeds: Sequence[int],
    *,
    folder: Path | str,
    epochs: int | None = None,
    splits: Splits | None = None,
    engine: Engine = "auto",
    on_fallback: OnFallback | None = None,
) -> Plan:
    """The plan of `compare` with the same arguments; trains nothing.

    Raises:
        RecipeError: fewer than two recipes, or one twice. Otherwise as `train_seeds`.
    """
    contenders = contenders_of(recipes, epochs, splits, engine, once(on_fallback or warn))
    data, backend_name = prepared(splits, Stopwatch())
    judged, begun_on = data.test or data.validation, (data_hash(data), len(data.train.images))
    wanted = tuple(wanted_run(each, seed, begun_on, backend_name) for each in contenders for seed in seeds)
    return Plan(Path(folder), judged, wanted, finished_runs(Path(folder), len(judged)))


def contenders_of(
    recipes: Sequence[AnyRecipe | str],
    epochs: int | None,
    splits: Splits | None,
    engine: Engine,
    on_fallback: OnFallback,
) -> list[Contender]:
    """Loads the recipes. If two have the same name, the label is what was given for each."""
    jobs = [Job(chosen(recipe, epochs), splits, engine, on_fallback) for recipe in recipes]
    names = [job.recipe.name for job in jobs]
    labels = [
        name if names.count(name) == 1 or not isinstance(recipe, str) else recipe
        for name, recipe in zip(names, recipes, strict=True)
    ]
    if len(labels) < 2 or len(set(labels)) < len(labels):
        raise RecipeError("recipes", found=", ".join(labels) or "none", expected="two or more, each once")
    return [
        Contender(label, job, worker_text(recipe)) for label, job, recipe in zip(labels, jobs, recipes, strict=True)
    ]


def wanted_run(contender: Contender, seed: int, data: tuple[str, int], backend_name: str) -> Wanted:
    """A run with its identities. If they cannot be known, it gets a unique one, which no finished run has.

    Args:
        data: the hash of what is trained and judged on, and how many images are trained on.
    """
    identities = possible_identities(contender.job, seed, data, backend_name)
    return Wanted(contender, seed, identities or (f"{contender.label}, seed {seed}, this time",))


def not_among(known: Mapping[str, FinishedRun], wanted: Sequence[Wanted]) -> list[Wanted]:
    """The wanted runs that no known run can stand for, each identity once."""
    missing = {each.identities: each for each in reversed(wanted) if not any(one in known for one in each.identities)}
    return list(reversed(missing.values()))
