"""`compare`: recipes over the same seeds, and what their differences are worth; what is done already stays done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tinydigits.comparing.plan import make_plan
from tinydigits.comparing.run import OnProgress, run
from tinydigits.data.dataset import Splits
from tinydigits.recipes.recipe import AnyRecipe
from tinydigits.training.fit import Engine, OnFallback

__all__ = ["compare"]


def compare(
    recipes: Sequence[AnyRecipe | str],
    seeds: Sequence[int],
    *,
    folder: Path | str,
    epochs: int | None = None,
    splits: Splits | None = None,
    engine: Engine = "auto",
    on_progress: OnProgress | None = None,
    on_fallback: OnFallback | None = None,
) -> dict[str, Any]:
    """Train each recipe once a seed, into `folder/NAME/seed-N`, and report how they differ, in `comparison.*`.

    Finished runs in `folder` are used again, whatever their names, if what decided them is the same
    (`recipes/identity.py`): an interrupted comparison goes on, and of more seeds only the new ones are trained. With
    engine="auto" a run by either engine will do. Recipes are judged on the test images, or on those for validation
    where there are no others. `plan.make_plan` and `run.run` are the two halves.

    Args:
        recipes: two or more, as `train` takes them.
        on_progress: called with a recipe's label, a seed, and the progress of that training.
        on_fallback: told each reason once where "auto" leaves a training to Keras; a warning where None.

    Returns:
        What `comparison.json` holds.

    Raises:
        RecipeError: fewer than two recipes, or one twice. Otherwise as `train_seeds`.
    """
    plan = make_plan(
        recipes, seeds, folder=folder, epochs=epochs, splits=splits, engine=engine, on_fallback=on_fallback
    )
    return run(plan, on_progress)
