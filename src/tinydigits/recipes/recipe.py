"""Recipes: everything needed to train one net, as frozen data.

The defaults of the shipped recipes are the settings that gave the published results; they are never improved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from tinydigits.augmentation.settings import AFFINE, Augmentation
from tinydigits.errors import RecipeError
from tinydigits.formats.keras_bridge import ends_in_softmax
from tinydigits.recipes import nets as models
from tinydigits.recipes.keras_recipe import KerasRecipe
from tinydigits.recipes.optimizers import SGD, Adam, AdamW, OneCycle, Optimizer, described

if TYPE_CHECKING:
    import keras


__all__ = ["RECIPES", "SGD", "Adam", "AdamW", "OneCycle", "Recipe", "compiled", "recipe_named"]

CROSS_ENTROPY = "categorical_crossentropy"


@dataclass(frozen=True)
class Recipe:
    """How one net is made and trained.

    Attributes:
        model: builds the net, untrained and not compiled.
        loss: a name that Keras knows; targets are one-hot.
        label_smoothing: the fraction of each target that goes to all classes alike; for "categorical_crossentropy".
        averaging: where given, the net ends with moving averages of its weights, and each step keeps this fraction of
            them (`ema_momentum` of Keras' optimisers).
        augmentation: how training images are varied; not at all where None.
    """

    name: str
    model: Callable[[], keras.Sequential]
    optimizer: Optimizer
    epochs: int
    batch_size: int = 32
    loss: str = "mean_squared_error"
    label_smoothing: float = 0.0
    averaging: float | None = None
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
        if not 0 <= self.label_smoothing < 1 or (self.label_smoothing and self.loss != CROSS_ENTROPY):
            raise RecipeError(
                f"recipe `{self.name}`",
                found=f"label_smoothing={self.label_smoothing} for {self.loss}",
                expected=f"0 or more, below 1, and for {CROSS_ENTROPY} alone",
                fix="Change one or the other.",
            )
        if self.averaging is not None and not 0 < self.averaging < 1:
            raise RecipeError(
                f"recipe `{self.name}`",
                found=f"averaging={self.averaging}",
                expected="above 0 and below 1, or None",
            )

    def steps(self, images: int) -> int:
        """Number of optimiser steps in the whole training on `images` images."""
        return self.epochs * -(-images // self.batch_size)

    def as_json(self) -> dict[str, Any]:
        """Returns the settings as JSON values: functions and classes by name, without settings that are off."""
        varied = None if self.augmentation is None else asdict(self.augmentation)
        asked = {"label_smoothing": self.label_smoothing, "averaging": self.averaging, "augmentation": varied}
        return {
            "name": self.name,
            "model": self.model.__name__,
            "optimizer": described(self.optimizer),
            "loss": self.loss,
            **{name: value for name, value in asked.items() if value},
            "batch_size": self.batch_size,
            "epochs": self.epochs,
        }


SPRINT = Recipe(
    "sprint",
    models.sprint,
    AdamW(OneCycle(peak=0.02), weight_decay=0.02),
    epochs=2,
    batch_size=128,
    loss=CROSS_ENTROPY,
    label_smoothing=0.05,
    augmentation=AFFINE,
)
# Chosen on validation images (LOG.md). Lines, cut edges, tones and grain cost `pocket` little, and let it read kinds of
# pictures that it has not been trained on; the smaller a net, the less can it spare for digits turned or moved.
POCKET = replace(
    SPRINT,
    name="pocket",
    model=models.pocket,
    epochs=80,
    augmentation=replace(
        AFFINE, background=0.3, contrast=0.3, grain=0.3, line_chance=0.05, cut=4.0, cut_chance=0.05, gentle_epochs=16
    ),
)
POCKET_5K = replace(
    SPRINT, name="pocket-5k", model=models.pocket_5k, epochs=60, augmentation=replace(AFFINE, gentle_epochs=7)
)
POCKET_2K = replace(
    SPRINT,
    name="pocket-2k",
    model=models.pocket_2k,
    epochs=80,
    augmentation=Augmentation(rotation=0.1, scale=0.06, shear=0.1, shift=1.1, gentle_epochs=6),
)
POCKET_1K = replace(
    SPRINT,
    name="pocket-1k",
    model=models.pocket_1k,
    epochs=100,
    label_smoothing=0.02,
    augmentation=Augmentation(rotation=0.06, scale=0.04, shear=0.06, shift=0.7),
)
RECIPES = {
    "mlp": Recipe("mlp", models.mlp, SGD(learning_rate=0.01), epochs=30),
    "cnn": Recipe("cnn", models.cnn, Adam(learning_rate=0.001), epochs=5),
    "sprint": SPRINT,
    **{recipe.name: recipe for recipe in (POCKET, POCKET_5K, POCKET_2K, POCKET_1K)},
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


def compiled(recipe: Recipe, images: int | None = None) -> keras.Sequential:
    """A fresh net of `recipe`, compiled with its loss and optimiser, measuring accuracy.

    Args:
        images: how many it will be trained on; a learning rate that depends on all steps needs that.

    Raises:
        RecipeError: it needs that and was not told.
    """
    model = recipe.model()
    model.compile(loss=keras_loss(recipe, model), optimizer=keras_optimizer(recipe, images), metrics=["accuracy"])
    return model


def keras_loss(recipe: Recipe, model: keras.Sequential) -> str | keras.losses.Loss:
    """Returns the recipe's loss; cross-entropy is told whether the model returns logits or probabilities."""
    from keras import losses

    if recipe.loss != CROSS_ENTROPY:
        return recipe.loss
    return losses.CategoricalCrossentropy(
        from_logits=not ends_in_softmax(model), label_smoothing=recipe.label_smoothing
    )


def keras_optimizer(recipe: Recipe, images: int | None) -> keras.optimizers.Optimizer:
    from keras import optimizers

    settings = {field.name: getattr(recipe.optimizer, field.name) for field in fields(recipe.optimizer)}
    if isinstance(recipe.optimizer.learning_rate, OneCycle):
        if images is None:
            raise RecipeError(
                f"recipe `{recipe.name}`",
                found="a learning rate that depends on all steps",
                expected="the number of images to train on",
                fix="Give `compiled` that number.",
            )
        settings["learning_rate"] = recipe.optimizer.learning_rate.schedule(recipe.steps(images))
    if recipe.averaging is not None:
        settings |= {"use_ema": True, "ema_momentum": recipe.averaging}
    return getattr(optimizers, type(recipe.optimizer).__name__)(**settings)


AnyRecipe = Recipe | KerasRecipe


def fresh_model(recipe: AnyRecipe, images: int) -> keras.Model:
    """Returns a compiled model of `recipe` for training on `images` images: untrained, or as it was saved."""
    return recipe.build() if isinstance(recipe, KerasRecipe) else compiled(recipe, images)
