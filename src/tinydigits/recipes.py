"""Recipes: everything needed to train one net, as frozen data.

The defaults of the shipped recipes are the settings that gave the published results; they are never improved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tinydigits import models
from tinydigits.augmentation import Augmentation
from tinydigits.errors import RecipeError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class SGD:
    """Plain stochastic gradient descent, as keras.optimizers.SGD."""

    learning_rate: float = 0.01


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma and Ba 2015) with Keras' remaining defaults, as keras.optimizers.Adam."""

    learning_rate: float = 0.001


@dataclass(frozen=True)
class Recipe:
    """How one net is made and trained.

    Attributes:
        model: builds the net, untrained and not compiled.
        loss: a name that Keras knows; targets are one-hot.
        augmentation: how training images are varied; not at all where None.
    """

    name: str
    model: Callable[[], keras.Sequential]
    optimizer: SGD | Adam
    epochs: int
    batch_size: int = 32
    loss: str = "mean_squared_error"
    augmentation: Augmentation | None = None

    def __post_init__(self) -> None:
        for setting in ("epochs", "batch_size"):
            if getattr(self, setting) < 1:
                raise RecipeError(
                    f"recipe `{self.name}`",
                    found=f"{setting}={getattr(self, setting)}",
                    expected="1 or more",
                    fix=f"Give a larger {setting}.",
                )

    def as_json(self) -> dict[str, Any]:
        """The settings as JSON values; functions and classes by their names."""
        varied = {} if self.augmentation is None else {"augmentation": asdict(self.augmentation)}
        return {
            "name": self.name,
            "model": self.model.__name__,
            "optimizer": {"name": type(self.optimizer).__name__, **asdict(self.optimizer)},
            "loss": self.loss,
            "batch_size": self.batch_size,
            "epochs": self.epochs,
            **varied,
        }


RECIPES = {
    "mlp": Recipe("mlp", models.mlp, SGD(learning_rate=0.01), epochs=30),
    "cnn": Recipe("cnn", models.cnn, Adam(learning_rate=0.001), epochs=5),
}


def recipe_named(name: str) -> Recipe:
    """The shipped recipe of that name.

    Raises:
        RecipeError: there is none.
    """
    if name not in RECIPES:
        raise RecipeError(
            "recipe", found=f"`{name}`", expected=f"one of {', '.join(RECIPES)}", fix="See `tinydigits models`."
        )
    return RECIPES[name]


def compiled(recipe: Recipe) -> keras.Sequential:
    """A fresh net of `recipe`, compiled with its loss and optimiser, measuring accuracy."""
    from keras import optimizers

    model = recipe.model()
    optimizer = getattr(optimizers, type(recipe.optimizer).__name__)(**asdict(recipe.optimizer))
    model.compile(loss=recipe.loss, optimizer=optimizer, metrics=["accuracy"])
    return model
