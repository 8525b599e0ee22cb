"""Every combination of a recipe's settings that a sweep is to try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from tinydigits.errors import RecipeError, TinydigitsError
from tinydigits.recipes.changes import changed
from tinydigits.recipes.recipe import AnyRecipe, Recipe, compiled
from tinydigits.recipes.settings import TEXT, Value, found_in, value_from
from tinydigits.recipes.trial import try_out

# For each setting by name, the values to try.
Choices = Mapping[str, Sequence[Value]]


@dataclass(frozen=True, eq=False)
class Combination:
    """One value of each setting.

    Attributes:
        recipe: the recipe with these settings, or why there is none.
    """

    settings: Mapping[str, Value]
    recipe: AnyRecipe | TinydigitsError

    @property
    def label(self) -> str:
        return ", ".join(f"{name}={spoken(value)}" for name, value in self.settings.items()) or "as it is"


def spoken(value: Value) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def choices_from(recipe: AnyRecipe, texts: Mapping[str, Sequence[str]]) -> dict[str, list[Value]]:
    """The values that texts stand for, each once.

    Raises:
        RecipeError: an unknown setting, a text that is no value of it, no value at all, or two settings of which one is
            a part of the other.
    """
    for name in texts:
        parts = [other for other in texts if other.startswith(f"{name}.")]
        if parts:
            found = f"`{name}` and `{parts[0]}`"
            raise RecipeError("settings", found=found, expected="one of them", fix="The second is a part of the first.")
    return {name: list(dict.fromkeys(value_from(recipe, name, each) for each in own)) for name, own in texts.items()}


def combinations_of(recipe: AnyRecipe, choices: Choices) -> list[Combination]:
    """Every combination, the last setting changing fastest. One that the recipe refuses holds the error.

    Raises:
        RecipeError: a value that no combination can be trained with.
    """
    found = [combination(recipe, dict(zip(choices, values, strict=True))) for values in product(*choices.values())]
    for name, values in choices.items():
        for value in values:
            check_value([each for each in found if each.settings[name] == value])
    for each in one_of_each_text(found):
        try_combination(each)
    return found


def combination(recipe: AnyRecipe, settings: Mapping[str, Value]) -> Combination:
    try:
        return Combination(settings, changed(recipe, settings))
    except RecipeError as error:
        return Combination(settings, error)


def check_value(with_it: Sequence[Combination]) -> None:
    """Raises the error of the first combination if all of them have one."""
    errors = [each.recipe for each in with_it if isinstance(each.recipe, TinydigitsError)]
    if len(errors) == len(with_it):
        raise errors[0]


def one_of_each_text(found: Sequence[Combination]) -> list[Combination]:
    """Combinations in which each value occurs of a setting that is a word: only Keras knows which words there are."""
    firsts: dict[tuple[str, Value], Combination] = {}
    for each in found:
        if isinstance(each.recipe, Recipe):
            kinds = found_in(each.recipe)
            for name, value in each.settings.items():
                if kinds[name][0] == TEXT:
                    firsts.setdefault((name, value), each)
    return list(dict.fromkeys(firsts.values()))


def try_combination(each: Combination) -> None:
    """Raises RecipeError if Keras cannot train a blank batch with it."""
    recipe = each.recipe
    assert isinstance(recipe, Recipe)
    try_out(lambda: compiled(recipe, recipe.batch_size), f"{recipe.name}, {each.label}", trial=True)
