"""Changes of a recipe: values by the names of its settings, those of nested ones with dots between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from tinydigits.errors import RecipeError

# A recipe, or a part of one: frozen settings.
Settings = TypeVar("Settings")
# Values that can be written as JSON.
PLAIN = (bool, int, float, str, type(None))


def changed(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Returns settings with other values, such as `{"batch_size": 64, "optimizer.learning_rate": 0.01}`.

    Raises:
        RecipeError: there is no such setting, or it cannot have this value.
    """
    for name, value in changes.items():
        settings = with_setting(settings, name, name.split("."), value)
    return settings


def with_setting(settings: Settings, name: str, path: Sequence[str], value: Any) -> Settings:
    """Returns settings with one other value, found along `path`; `name` is for messages."""
    first, *rest = path
    known = [field.name for field in fields(settings)] if is_dataclass(settings) else []
    if first not in known:
        raise RecipeError(
            f"setting `{name}`",
            found=f"no `{first}`",
            expected=f"one of {', '.join(known)}" if known else "a setting without parts",
        )
    inner = with_setting(getattr(settings, first), name, rest, value) if rest else value
    return replace(settings, **{first: inner})  # type: ignore[type-var]


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
