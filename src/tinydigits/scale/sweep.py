"""`sweep`: every combination of some settings of a recipe, over seeds; what is done already stays done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tinydigits.data.dataset import Splits
from tinydigits.recipes.recipe import AnyRecipe
from tinydigits.scale.plan import make_sweep
from tinydigits.scale.run import OnProgress, run
from tinydigits.training.fit import Engine, OnFallback

__all__ = ["sweep"]


def sweep(
    recipe: AnyRecipe | str,
    choices: Mapping[str, Sequence[Any]],
    seeds: Sequence[int],
    *,
    folder: Path | str,
    halving: bool = False,
    epochs: int | None = None,
    splits: Splits | None = None,
    engine: Engine = "auto",
    on_progress: OnProgress | None = None,
    on_fallback: OnFallback | None = None,
    checkpoint_every: int | None = None,
) -> dict[str, Any]:
    """Train every combination of `choices` once a seed, one run a core, and report means with their intervals.

    Each run that ends is a row of `folder/results.parquet`, which can be read at every moment. Runs that are in it are
    not trained again, whatever sweep they come from, if all that decided them is the same (`recipes/identity.py`). A
    run that fails is a row with its error, and a run whose process was killed is begun again. No models are kept.
    `plan.make_sweep` and `run.run` are the two halves.

    Args:
        recipe: as `train` takes it. A recipe that is no shipped one, given as an object, is trained in this process.
        choices: values to try by the name of the setting, such as `{"optimizer.learning_rate": [0.01, 0.02]}`.
        halving: begin with few epochs, and go on with the better half of the combinations, by the cross-entropy of the
            validation images, for twice as many, until the last have all epochs of the recipe.
        on_progress: called with a combination's label, a seed, and the progress of that training.
        on_fallback: told each reason once where "auto" leaves a training to Keras; a warning where None.
        checkpoint_every: keep the state of each training in `folder/checkpoints` after every so many epochs, until it
            ends. A run that was killed then goes on from it, in this sweep or in the next one with this argument.

    Returns:
        What `report.described` says, and how many runs were `trained` and `found` finished.

    Raises:
        RecipeError: there is no such setting, or a value that no combination can be trained with.
        OutputError: another sweep is filling `folder`, or it cannot be written.
        MissingDependencyError: Keras, its backend or pyarrow is not installed.
    """
    plan = make_sweep(
        recipe,
        choices,
        seeds,
        folder=folder,
        halving=halving,
        epochs=epochs,
        splits=splits,
        engine=engine,
        on_fallback=on_fallback,
        checkpoint_every=checkpoint_every,
    )
    return run(plan, on_progress)
