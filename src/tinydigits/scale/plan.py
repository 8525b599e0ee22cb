"""What a sweep wants: every combination and seed, which of them are done, and which are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tinydigits.data.dataset import Splits
from tinydigits.engine.schedule import check_number
from tinydigits.errors import TinydigitsError
from tinydigits.recipes.given_settings import refuse_epochs_twice, several_values
from tinydigits.recipes.identity import data_hash
from tinydigits.recipes.load import recipe_from
from tinydigits.recipes.recipe import AnyRecipe
from tinydigits.scale.grid import Combination, combinations_of
from tinydigits.scale.halving import epochs_of_rounds
from tinydigits.scale.kept import checkpoint_of
from tinydigits.scale.results import Row, described
from tinydigits.system.stopwatch import Stopwatch
from tinydigits.training.fit import Engine, OnFallback, once, warn
from tinydigits.training.seeds import worker_changes, worker_text
from tinydigits.training.task import Task, failure
from tinydigits.training.unsaved import Job, possible_identities, prepared

# Name of the results in the folder of a sweep, and of their picture.
RESULTS, PICTURE = "results.parquet", "sweep.png"


@dataclass(frozen=True, eq=False)
class Sweep:
    """A sweep, before it is run.

    Attributes:
        recipe: without any of the choices.
        recipe_text: what the rows call the recipe.
        worker_text: text from which another process can load the recipe; None if only this process has it.
        changes: what differs from the recipe that this text stands for.
        rounds: epochs of each round; one round without halving; None for the combination's own.
        data: the hash of what is trained and judged on, and how many images are trained on.
        checkpoint_every: after how many epochs the state of a training is kept; never where None.
    """

    recipe: AnyRecipe
    recipe_text: str
    worker_text: str | None
    changes: Mapping[str, Any]
    combinations: Sequence[Combination]
    seeds: Sequence[int]
    rounds: Sequence[int | None]
    folder: Path
    splits: Splits | None
    judged: Mapping[str, str]
    engine: Engine
    on_fallback: OnFallback
    data: tuple[str, int]
    backend_name: str
    checkpoint_every: int | None = None

    @property
    def results_file(self) -> Path:
        return self.folder / RESULTS


@dataclass(frozen=True, eq=False)
class Trial:
    """One run of a sweep.

    Attributes:
        asked: the columns that say what is trained.
        identities: those that the run may have; empty where they cannot be known.
        work: what to train, or why that is impossible.
    """

    combination: Combination
    asked: Row
    identities: tuple[str, ...]
    work: Task | TinydigitsError


def make_sweep(
    recipe: AnyRecipe | str,
    choices: Mapping[str, Sequence[Any]],
    seeds: Sequence[int],
    *,
    folder: Path | str,
    halving: bool = False,
    epochs: int | None = None,
    splits: Splits | None = None,
    engine: Engine = "auto",
    on_fallback: OnFallback | None = None,
    checkpoint_every: int | None = None,
) -> Sweep:
    """The plan of `sweep` with the same arguments; trains nothing.

    Args:
        choices: values, or texts that stand for them, by the name of the setting.

    Raises:
        RecipeError: an unknown setting, a value that no combination can be trained with, or epochs among the choices
            where `halving` decides them.
    """
    if checkpoint_every is not None:
        check_number("checkpoint_every", checkpoint_every, least=1)
    base = recipe_from(recipe) if isinstance(recipe, str) else recipe
    base = base if epochs is None else replace(base, epochs=epochs)
    values = several_values(base, choices)
    refuse_epochs_twice(values, epochs, halving=halving)
    data, backend_name = prepared(splits, Stopwatch())
    combinations = combinations_of(base, values)
    return Sweep(
        recipe=base,
        recipe_text=recipe if isinstance(recipe, str) else recipe.name,
        worker_text=worker_text(recipe),
        changes=worker_changes(recipe),
        combinations=combinations,
        seeds=seeds,
        rounds=epochs_of_rounds(base.epochs, len(combinations)) if halving else [None],
        folder=Path(folder),
        splits=splits,
        judged={"validation": data.validation.name, **({} if data.test is None else {"test": data.test.name})},
        engine=engine,
        on_fallback=once(on_fallback or warn),
        data=(data_hash(data), len(data.train.images)),
        backend_name=backend_name,
        checkpoint_every=checkpoint_every,
    )


def trials(sweep: Sweep, combinations: Sequence[Combination], epochs: int | None) -> Iterator[Trial]:
    """The runs of some combinations: one a seed, seed by seed, so that a first look at all of them comes early."""
    for seed in sweep.seeds:
        for each in combinations:
            yield trial(sweep, each, seed, epochs)


def trial(sweep: Sweep, each: Combination, seed: int, epochs: int | None) -> Trial:
    if isinstance(each.recipe, TinydigitsError):
        asked = {**described(sweep.recipe_text, sweep.recipe, seed), **each.settings}
        return Trial(each, asked, (), each.recipe)
    recipe = each.recipe if epochs is None else replace(each.recipe, epochs=epochs)
    asked = described(sweep.recipe_text, recipe, seed)
    job = Job(recipe, sweep.splits, sweep.engine, sweep.on_fallback)
    try:
        ordered = sweep.checkpoint_every is not None
        identities = possible_identities(job, seed, sweep.data, sweep.backend_name, ordered=ordered)
    except TinydigitsError as error:
        return Trial(each, asked, (), error)
    except Exception as error:  # whatever Keras or a recipe file raises
        return Trial(each, asked, (), failure(sweep.recipe_text, seed, error))
    kept = checkpoint_of(sweep.folder, identities, sweep.checkpoint_every)
    task = Task(job, sweep.worker_text, seed, None, kept, {**sweep.changes, **each.settings})
    return Trial(each, asked, identities, task)
