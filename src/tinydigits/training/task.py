"""One training that a pool is to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tinydigits.errors import TrainingError
from tinydigits.recipes.changes import changes_between
from tinydigits.recipes.recipe import RECIPES, AnyRecipe
from tinydigits.training import messages
from tinydigits.training.checkpoints import Checkpoint
from tinydigits.training.unsaved import Job


@dataclass(frozen=True)
class Place:
    """Where a run is saved.

    Attributes:
        folder: a folder to create and to fill with the run.
        named: the path that the folder gets when the run is finished.
    """

    folder: Path
    named: Path


@dataclass(frozen=True, eq=False)
class Task:
    """One training to do.

    Attributes:
        recipe_text: text from which a worker can load the recipe; None if only this process has it.
        place: where the run is saved; None if only its figures are wanted (`measured`).
        checkpoint: where its state is kept meanwhile, if it is.
        settings: what the recipe has in place of the settings that the text stands for, by name.
    """

    job: Job
    recipe_text: str | None
    seed: int
    place: Place | None = None
    checkpoint: Checkpoint | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def order(self, data: Path | None) -> dict[str, Any]:
        """Returns the message that gives this task to a worker."""
        return {
            "recipe": self.recipe_text,
            "changes": self.changes(),
            "seed": self.seed,
            "engine": self.job.engine,
            "pixels": self.job.pixels,
            "data": data and str(data),
            "place": self.place and {"folder": str(self.place.folder), "named": str(self.place.named)},
            "checkpoint": self.checkpoint and messages.checkpoint_as_json(self.checkpoint),
        }

    def changes(self) -> dict[str, Any]:
        """Returns what a worker changes of the recipe that it loads from the text."""
        shipped = self.recipe_text in RECIPES and not self.settings
        changes = changes_of(self.job.recipe) if shipped else None
        return {**self.settings, "epochs": self.job.recipe.epochs} if changes is None else changes


def changes_of(recipe: AnyRecipe) -> dict[str, Any] | None:
    """Returns the changes that make a recipe of the shipped one of its name; None if it is no shipped one, changed."""
    shipped = RECIPES.get(recipe.name)
    return None if shipped is None or type(recipe) is not type(shipped) else changes_between(shipped, recipe)


def failure(recipe: str, seed: int, error: Exception) -> TrainingError:
    """Returns what stands for an error that is not ours, such as Keras or a recipe file may raise."""
    return TrainingError(
        f"training `{recipe}` with seed {seed}",
        found=f"{type(error).__name__}: {error}",
        expected="a training that runs to its end",
        fix="Train this seed alone (--seed) to see where that comes from.",
    )
