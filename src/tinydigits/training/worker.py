"""One process of a pool: `python -m tinydigits.training.worker` does one training for each line on stdin.

Private to `pool.py`. An order is what `Task.order` makes. Answers, a line each, are `{"progress"}` and `{"fallback"}`,
any number of times, and then `{"done"}` with the run's report or `{"error"}`. What a recipe file prints goes to stderr.
The process ends, at once and with all that it started, when its stdin does: nobody is left to train for.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from tinydigits.data.dataset import Splits
from tinydigits.errors import EngineError, TinydigitsError
from tinydigits.recipes.changes import changed
from tinydigits.recipes.load import recipe_from
from tinydigits.recipes.recipe import AnyRecipe
from tinydigits.system.atomic import explained
from tinydigits.system.crew_member import Tell, work
from tinydigits.system.progress import Progress
from tinydigits.training import messages
from tinydigits.training.measured import measured
from tinydigits.training.task import failure
from tinydigits.training.train import trained_into
from tinydigits.training.unsaved import Job


def main() -> None:
    """Carries out orders until stdin ends."""
    work(carry_out)


def carry_out(order: dict[str, Any], tell: Tell, splits: Splits | None = None) -> dict[str, Any]:
    """Does the training of an order. Any error becomes an answer.

    Args:
        splits: the data, where the order names no file of it.
    """

    def fall_back(reason: EngineError) -> None:
        tell({"fallback": messages.error_as_json(reason)})

    def show(progress: Progress) -> None:
        tell({"progress": messages.progress_as_json(progress)})

    try:
        recipe = recipe_of(order["recipe"], tuple(order["changes"].items()))
        job = Job(recipe, splits or splits_of(order["data"]), order["engine"], fall_back, order["pixels"])
        checkpoint = order["checkpoint"] and messages.checkpoint_from_json(order["checkpoint"])
        if order["place"] is None:
            return {"done": measured(job, order["seed"], show, checkpoint)}
        folder, named = Path(order["place"]["folder"]), Path(order["place"]["named"])
        with explained(named):
            folder.mkdir()
            return {"done": trained_into(folder, named, job, order["seed"], show, checkpoint).as_json()}
    except TinydigitsError as error:
        return {"error": messages.error_as_json(error)}
    except Exception as error:  # whatever Keras or a recipe file raises has to reach the parent
        return {"error": messages.error_as_json(failure(order["recipe"], order["seed"], error))}


@cache
def recipe_of(text: str, changes: tuple[tuple[str, Any], ...]) -> AnyRecipe:
    """Loads a recipe that the parent has already checked, and changes it."""
    return changed(recipe_from(text, trial=False), dict(changes))


@cache
def splits_of(path: str | None) -> Splits | None:
    return None if path is None else messages.read_splits(Path(path))


if __name__ == "__main__":
    main()
