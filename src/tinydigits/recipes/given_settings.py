"""Settings as a user gives them: texts by the name of the setting, and a recipe with the values that they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from tinydigits.errors import RecipeError
from tinydigits.recipes.changes import changed
from tinydigits.recipes.recipe import AnyRecipe, Recipe, compiled
from tinydigits.recipes.settings import TEXT, Value, found_in, value_from
from tinydigits.recipes.trial import try_out
from tinydigits.system import backend

# What is said where several values are given of which one is wanted.
SWEEP = "`sweep` tries several values."
Given = TypeVar("Given", bound=AnyRecipe)


def given_values(recipe: AnyRecipe, texts: Mapping[str, Sequence[str]]) -> dict[str, list[Value]]:
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


def several_values(recipe: AnyRecipe, given: Mapping[str, Iterable[Any]]) -> dict[str, list[Value]]:
    """The values of some settings, several for each, given as values or as texts.

    Raises:
        RecipeError: a setting has a single value in place of a list; otherwise as `given_values`.
    """
    for name, own in given.items():
        if isinstance(own, str) or not isinstance(own, Iterable):
            raise RecipeError(f"setting `{name}`", found=f"`{own}`", expected="a list of values")
    return given_values(recipe, {name: [str(each) for each in own] for name, own in given.items()})


def one_value_each(recipe: AnyRecipe, given: Mapping[str, Any]) -> dict[str, Value]:
    """The values of some settings, each given as a value or as a text.

    Raises:
        RecipeError: a setting has a list of values; otherwise as `given_values`.
    """
    for name, value in given.items():
        if isinstance(value, Iterable) and not isinstance(value, str):
            raise RecipeError(f"setting `{name}`", found=f"`{value}`", expected="one value", fix=SWEEP)
    values = given_values(recipe, {name: [str(value)] for name, value in given.items()})
    return {name: value for name, (value,) in values.items()}


def with_values(recipe: Given, values: Mapping[str, Value]) -> Given:
    """The recipe with other values of its settings, tried out if one of them is a word.

    Raises:
        RecipeError: it cannot be trained with them.
    """
    found = changed(recipe, values)
    if values_that_are_words(recipe, values):
        try_words(found, values)
    return found


def values_that_are_words(recipe: AnyRecipe, values: Mapping[str, Value]) -> list[tuple[str, Value]]:
    """Those settings that are words: only Keras knows which words there are."""
    kinds = found_in(recipe)
    return [(name, value) for name, value in values.items() if kinds[name][0] == TEXT]


def try_words(recipe: AnyRecipe, values: Mapping[str, Value]) -> None:
    """Raises RecipeError if Keras cannot train a blank batch with the recipe, which has these values."""
    assert isinstance(recipe, Recipe)
    backend.import_keras()  # quietly
    try_out(lambda: compiled(recipe, recipe.batch_size), f"{recipe.name}, {label_of(values)}", trial=True)


def label_of(values: Mapping[str, Value]) -> str:
    """The settings in words, such as "batch_size=32, averaging=none"."""
    return ", ".join(f"{name}={spoken(value)}" for name, value in values.items())


def spoken(value: Value) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def refuse_epochs_twice(names: Iterable[str], epochs: int | None, *, halving: bool = False) -> None:
    """Raises RecipeError if epochs are among the given settings, and are decided by something else as well."""
    if "epochs" in names and (halving or epochs is not None):
        other = "halving, which decides them" if halving else f"epochs={epochs}"
        raise RecipeError("setting `epochs`", found=f"values for it and {other}", expected="one or the other")
