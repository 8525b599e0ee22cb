"""Settings of a recipe by name, such as `optimizer.learning_rate`: which there are, and what a text says of one."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from math import isfinite
from typing import Any

from tinydigits.errors import RecipeError
from tinydigits.recipes.changes import part_of
from tinydigits.recipes.recipe import AnyRecipe

Value = float | int | str | None

# What a field's type says of a value, by the type as it is written in the source.
WHOLE, NUMBER, NUMBER_OR_NONE, TEXT = "a whole number", "a finite number", "a finite number, or none", "a word"
KINDS = {"int": WHOLE, "float": NUMBER, "Rate": NUMBER, "float | None": NUMBER_OR_NONE, "str": TEXT}
ARROW_TYPES = {WHOLE: "int64", NUMBER: "double", NUMBER_OR_NONE: "double", TEXT: "string"}
# Fields that are no settings: they say what the recipe is called, or where it comes from.
NO_SETTINGS = {"name", "source"}


def settings_of(recipe: AnyRecipe) -> dict[str, Value]:
    """The recipe's settings by name, in order; parts of a part follow a dot. Those of absent augmentation are off.

    Of a learning rate that changes, `optimizer.learning_rate` is None, and the names of its own settings go on from it.
    """
    return {name: None if is_dataclass(value) else value for name, (_, value) in found_in(recipe).items()}


def found_in(thing: object, before: str = "") -> dict[str, tuple[str, Any]]:
    """(kind, value) of each setting in a frozen dataclass and in its parts."""
    found: dict[str, tuple[str, Any]] = {}
    for field in fields(thing):  # type: ignore[arg-type]
        name, value = f"{before}{field.name}", part_of(thing, field.name)
        if field.type in KINDS and field.name not in NO_SETTINGS:
            found[name] = (KINDS[str(field.type)], value)
        if is_dataclass(value):
            found |= found_in(value, f"{name}.")
    return found


def arrow_types(recipe: AnyRecipe) -> dict[str, str]:
    """For each setting by name, the type of its column in a table, as Arrow calls it."""
    return {name: ARROW_TYPES[kind] for name, (kind, _) in found_in(recipe).items()}


def value_from(recipe: AnyRecipe, name: str, text: str) -> Value:
    """The value that a text stands for, of the setting `name`.

    Raises:
        RecipeError: the recipe has no such setting, or the text is no value of it.
    """
    found = found_in(recipe)
    if name not in found:
        near = get_close_matches(name, found, n=1)
        raise RecipeError(
            f"settings of `{recipe.name}`",
            found=f"`{name}`",
            expected=f"one of {', '.join(found)}",
            fix=f"`{near[0]}` is near." if near else "",
        )
    kind, _ = found[name]
    try:
        return parsed(text.strip(), kind)
    except ValueError:
        raise RecipeError(f"setting `{name}`", found=f"`{text}`", expected=kind) from None


def parsed(text: str, kind: str) -> Value:
    """Raises ValueError where a text is not of a kind."""
    if kind == NUMBER_OR_NONE and text.lower() == "none":
        return None
    if kind == TEXT and text:
        return text
    value = int(text) if kind == WHOLE else float(text)
    if not isfinite(value):
        raise ValueError(text)
    return value
