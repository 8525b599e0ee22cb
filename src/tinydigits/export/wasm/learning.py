"""How the page trains a net: what the recipe in a model's metadata says of it, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tinydigits.augmentation.settings import Augmentation
from tinydigits.engine.compiler.plan import Loss, Rule
from tinydigits.errors import RecipeError

LOSSES: dict[str, Loss] = {
    "mean_squared_error": "mean_squared_error",
    "mse": "mean_squared_error",
    "categorical_crossentropy": "cross_entropy",
}
# Keras' defaults of the numbers that a recipe need not name.
ADAM_NUMBERS = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}


@dataclass(frozen=True)
class Learning:
    """The settings of a training in the page; the defaults are for nets that do not say how they were trained.

    Attributes:
        rate: the learning rate; or {"peak", "warm_up"} of a `OneCycle`.
        numbers: of the optimiser: momentum, beta_1, beta_2, epsilon, weight_decay; those not named are 0.
        smoothing: the fraction of each target that goes to all classes alike.
    """

    loss: Loss = "cross_entropy"
    rule: Rule = "adam"
    rate: float | Mapping[str, float] = 0.001
    numbers: Mapping[str, float] = field(default_factory=lambda: dict(ADAM_NUMBERS))
    epochs: int = 5
    batch_size: int = 32
    smoothing: float = 0.0
    augmentation: Augmentation | None = None

    def as_json(self) -> dict[str, Any]:
        """Returns what the page needs; amplitudes of the augmentation are whole numbers, as C takes them."""
        return {
            "rule": self.rule,
            "rate": self.rate,
            "numbers": dict(self.numbers),
            "epochs": self.epochs,
            "batch": self.batch_size,
            "smoothing": self.smoothing,
            "augmentation": None if self.augmentation is None else augmentation_json(self.augmentation),
        }


def augmentation_json(settings: Augmentation) -> dict[str, Any]:
    return {
        "full": list(settings.amplitudes()),
        "gentle": list(settings.amplitudes(settings.gentle_strength)),
        "gentle_epochs": settings.gentle_epochs,
    }


def learning_from(recipe: Mapping[str, Any] | None) -> Learning:
    """Returns the settings of a recipe as `Recipe.as_json` writes it; defaults if it is none that the page can follow.

    Averages of weights (`averaging`) are not kept in the page: it ends with the last weights.
    """
    try:
        return known(recipe) if recipe else Learning()
    except (KeyError, TypeError, ValueError, RecipeError):  # a recipe of the user's own, with Keras' own objects in it
        return Learning()


def known(recipe: Mapping[str, Any]) -> Learning:
    optimizer, augmentation = recipe["optimizer"], recipe.get("augmentation")
    rule, numbers = rule_of(optimizer)
    return Learning(
        loss=LOSSES[recipe["loss"]],
        rule=rule,
        rate=rate_of(optimizer["learning_rate"]),
        numbers={**numbers, "weight_decay": float(optimizer.get("weight_decay") or 0)},
        epochs=int(recipe["epochs"]),
        batch_size=int(recipe["batch_size"]),
        smoothing=float(recipe.get("label_smoothing", 0)),
        augmentation=Augmentation(**augmentation) if augmentation else None,
    )


def rule_of(optimizer: Mapping[str, Any]) -> tuple[Rule, dict[str, float]]:
    """Returns the optimiser's rule, and its numbers."""
    if optimizer["name"] in ("Adam", "AdamW"):
        return "adam", {name: float(optimizer.get(name, default)) for name, default in ADAM_NUMBERS.items()}
    if optimizer["name"] != "SGD":
        raise ValueError(optimizer["name"])
    momentum = float(optimizer.get("momentum") or 0)
    if not momentum:
        return "sgd", {}
    return "nesterov" if optimizer.get("nesterov") else "momentum", {"momentum": momentum}


def rate_of(rate: Any) -> float | dict[str, float]:
    """Returns the learning rate as `Learning` has it."""
    if isinstance(rate, Mapping):
        if rate["name"] != "OneCycle":
            raise ValueError(rate["name"])
        return {"peak": float(rate["peak"]), "warm_up": float(rate["warm_up"])}
    return float(rate)
