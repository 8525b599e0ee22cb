"""Changes of a recipe: values by the names of its settings, those of nested ones with dots between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from tinydigits.augmentation.settings import Augmentation
from tinydigits.errors import RecipeError
from tinydigits.recipes.recipe import Recipe

# A recipe, or a part of one: frozen settings.
Settings = TypeVar("Settings")
# Values that can be written as JSON.
PLAIN = (bool, int, float, str, type(None))


def changed(settings: Settings, changes: Mapping[str, Any], before: str = "") -> Settings:
    """Returns settings with other values, such as `{"batch_size": 64, "optimizer.learning_rate": 0.01}`.

    All are changed at once, as some go together.

    Args:
        before: what comes before the names in messages.

    Raises:
        RecipeError: there is no such setting, or it cannot have this value.
    """
    known = [field.name for field in fields(settings)] if is_dataclass(settings) else []
    for name in changes:
        first = name.split(".")[0]
        if first not in known:
            raise RecipeError(
                f"setting `{before}{name}`",
                found=f"no `{first}`",
                expected=f"one of {', '.join(known)}" if known else "a setting without parts",
            )
    values = {name: value for name, value in changes.items() if "." not in name}
    for part in dict.fromkeys(name.split(".")[0] for name in changes if "." in name):
        inner = {name.partition(".")[2]: value for name, value in changes.items() if name.startswith(f"{part}.")}
        values[part] = changed(part_of(settings, part), inner, f"{before}{part}.")
    return replace(settings, **values)  # type: ignore[type-var]


def part_of(settings: object, name: str) -> Any:
    """The value of a setting; of augmentation that a recipe does without, one of which all is off."""
    value = getattr(settings, name)
    return Augmentation() if name == "augmentation" and value is None and isinstance(settings, Recipe) else value


def changes_between(before: Any, after: Any) -> dict[str, Any] | None:
    """Returns what `changed` makes `after` of `before` with; None if they differ in more than plain values."""
    found: dict[str, Any] = {}
    for name in (field.name for field in fields(before)):
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        if is_dataclass(old) and type(old) is type(new):
            inner = changes_between(old, new)
            if inner is None:
                return None
            found |= {f"{name}.{key}": value for key, value in inner.items()}
        elif isinstance(old, PLAIN) and isinstance(new, PLAIN):
            found[name] = new
        else:
            return None
    return found
