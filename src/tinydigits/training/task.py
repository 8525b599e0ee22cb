"""One training that a pool is to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinydigits.training.train import Job


@dataclass(frozen=True, eq=False)
class Task:
    """One training to be done.

    Attributes:
        recipe_text: text from which a worker can load the recipe; None if only this process has it.
        folder: will be made, and filled with the run.
        named: what the folder will be called once it is in its place.
    """

    job: Job
    recipe_text: str | None
    seed: int
    folder: Path
    named: Path

    def order(self, data: Path | None) -> dict[str, Any]:
        """What a worker is told."""
        return {
            "recipe": self.recipe_text,
            "epochs": self.job.recipe.epochs,
            "seed": self.seed,
            "engine": self.job.engine,
            "data": data and str(data),
            "folder": str(self.folder),
            "named": str(self.named),
        }
