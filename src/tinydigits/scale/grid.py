"""Every combination of a recipe's settings that a sweep is to try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from tinydigits.errors import RecipeError, TinydigitsError
from tinydigits.recipes.changes import changed
from tinydigits.recipes.given_settings import label_of, try_words, values_that_are_words
from tinydigits.recipes.recipe import AnyRecipe
from tinydigits.recipes.settings import Value

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
        return label_of(self.settings) or "as it is"


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
        assert not isinstance(each.recipe, TinydigitsError)
        try_words(each.recipe, each.settings)
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
        if not isinstance(each.recipe, TinydigitsError):
            for word in values_that_are_words(each.recipe, each.settings):
                firsts.setdefault(word, each)
    return list(dict.fromkeys(firsts.values()))
