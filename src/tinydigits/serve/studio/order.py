"""What a client orders to be trained: a shipped recipe, and some of its settings."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tinydigits.recipes.changes import changed
from tinydigits.recipes.optimizers import OneCycle
from tinydigits.recipes.recipe import RECIPES, Recipe
from tinydigits.serve.refusal import RefusalError

# The largest numbers that can be ordered.
MOST_EPOCHS = 1_000
MOST_BATCH = 4_096
MOST_RATE = 10.0
MOST_SEEDS = 32
MOST_SEED = 2**32 - 1 - MOST_SEEDS


@dataclass(frozen=True)
class Order:
    """One recipe, to be trained with `seeds` seeds from `seed` on.

    Attributes:
        recipe: the name of a shipped one.
        learning_rate: its peak where it changes with the steps.
    """

    recipe: str
    epochs: int
    batch_size: int
    learning_rate: float
    seed: int = 0
    seeds: int = 1

    def changed_recipe(self) -> Recipe:
        """Returns the recipe with the ordered settings."""
        recipe = RECIPES[self.recipe]
        values = {"epochs": self.epochs, "batch_size": self.batch_size, rate_setting(recipe): self.learning_rate}
        return changed(recipe, values)


def order_of(recipe: Recipe) -> Order:
    """Returns the order of a recipe as it is shipped."""
    rate = recipe.optimizer.learning_rate
    return Order(recipe.name, recipe.epochs, recipe.batch_size, rate.peak if isinstance(rate, OneCycle) else rate)


def rate_setting(recipe: Recipe) -> str:
    """Returns the name of the setting that `learning_rate` stands for."""
    cycle = isinstance(recipe.optimizer.learning_rate, OneCycle)
    return "optimizer.learning_rate.peak" if cycle else "optimizer.learning_rate"


def order_from(document: Any) -> Order:
    """Returns the order that a request's JSON values are; what is left out is as the recipe has it.

    Raises:
        RefusalError: 400, no order can be made of them.
    """
    if not isinstance(document, dict):
        raise RefusalError(400, "body", found="no object", expected=f"an object with {', '.join(MEMBERS)}")
    unknown = sorted(set(document) - set(MEMBERS))
    if unknown:
        raise RefusalError(400, "body", found=f"`{unknown[0][:100]}`", expected=f"members of {', '.join(MEMBERS)}")
    name = document.get("recipe")
    if not isinstance(name, str) or name not in RECIPES:
        found = f"`{str(name)[:100]}`" if "recipe" in document else "none"
        raise RefusalError(400, "recipe", found=found, expected=f"one of {', '.join(RECIPES)}")
    shipped = order_of(RECIPES[name])
    given = {key: read(key, document[key]) for key, read in NUMBERS.items() if key in document}
    return Order(**{**vars(shipped), **given})


def whole(least: int, most: int) -> Callable[[str, Any], int]:
    """Returns what takes a whole number from `least` to `most`, and refuses all else."""

    def taken(name: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise RefusalError(
                400, name, found=f"`{str(value)[:100]}`", expected=f"a whole number from {least} to {most:,}"
            )
        return value

    return taken


def rate(name: str, value: Any) -> float:
    """Returns a learning rate; raises RefusalError, 400, for what is none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not 0 < value <= MOST_RATE:
        expected = f"a number above 0, {MOST_RATE:g} at most"
        raise RefusalError(400, name, found=f"`{str(value)[:100]}`", expected=expected)
    return float(value)


NUMBERS: Mapping[str, Callable[[str, Any], Any]] = {
    "epochs": whole(1, MOST_EPOCHS),
    "batch_size": whole(1, MOST_BATCH),
    "learning_rate": rate,
    "seed": whole(0, MOST_SEED),
    "seeds": whole(1, MOST_SEEDS),
}
MEMBERS = ("recipe", *NUMBERS)
