"""One training that a pool is to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinydigits.recipes.changes import changes_between
from tinydigits.recipes.recipe import RECIPES, AnyRecipe
from tinydigits.training import messages
from tinydigits.training.checkpoints import Checkpoint
from tinydigits.training.unsaved import Job


@dataclass(frozen=True, eq=False)
class Task:
    """One training to do.

    Attributes:
        recipe_text: text from which a worker can load the recipe; None if only this process has it.
        folder: a folder to create and to fill with the run.
        named: the path that the folder gets when the run is finished.
        checkpoint: where its state is kept meanwhile, if it is.
    """

    job: Job
    recipe_text: str | None
    seed: int
    folder: Path
    named: Path
    checkpoint: Checkpoint | None = None

    def order(self, data: Path | None) -> dict[str, Any]:
        """Returns the message that gives this task to a worker."""
        return {
            "recipe": self.recipe_text,
            "changes": self.changes(),
            "seed": self.seed,
            "engine": self.job.engine,
            "pixels": self.job.pixels,
            "data": data and str(data),
            "folder": str(self.folder),
            "named": str(self.named),
            "checkpoint": self.checkpoint and messages.checkpoint_as_json(self.checkpoint),
        }

    def changes(self) -> dict[str, Any]:
        """Returns what a worker changes of the recipe that it loads from the text."""
        changes = changes_of(self.job.recipe) if self.recipe_text in RECIPES else None
        return {"epochs": self.job.recipe.epochs} if changes is None else changes


def changes_of(recipe: AnyRecipe) -> dict[str, Any] | None:
    """Returns the changes that make a recipe of the shipped one of its name; None if it is no shipped one, changed."""
    shipped = RECIPES.get(recipe.name)
    return None if shipped is None or type(recipe) is not type(shipped) else changes_between(shipped, recipe)
