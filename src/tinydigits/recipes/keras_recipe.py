"""A Keras model, compiled by whoever wrote it, as a recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tinydigits.errors import RecipeError

if TYPE_CHECKING:
    import keras

# A compiled model does not say how long to train it: Keras' default batch size, and the epochs of `cnn`.
BATCH_SIZE, EPOCHS = 32, 5


@dataclass(frozen=True)
class KerasRecipe:
    """A Keras model that its author has compiled, and how long to train it.

    Attributes:
        source: what was given: FILE.py:FUNCTION or FILE.keras.
        build: gives the model, anew each time.
        settings: its loss and optimiser as JSON values.
    """

    name: str
    source: str
    build: Callable[[], keras.Model]
    settings: Mapping[str, Any]
    epochs: int = EPOCHS
    batch_size: int = BATCH_SIZE
    augmentation: None = None

    def __post_init__(self) -> None:
        for setting in ("epochs", "batch_size"):
            if getattr(self, setting) < 1:
                found = f"{setting}={getattr(self, setting)}"
                raise RecipeError(f"recipe `{self.name}`", found=found, expected="1 or more")

    def as_json(self) -> dict[str, Any]:
        """The settings as JSON values, as those of a `Recipe`."""
        return {
            "name": self.name,
            "model": self.source,
            **self.settings,
            "batch_size": self.batch_size,
            "epochs": self.epochs,
        }
