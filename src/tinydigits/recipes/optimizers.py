"""Optimisers and learning rates of recipes, as frozen data; Keras has one of each name."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import inf
from typing import TYPE_CHECKING, Any

from tinydigits.errors import RecipeError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class OneCycle:
    """A learning rate that rises from 0 to `peak` in a line, then falls to 0 in half a cosine (Smith and Topin 2017).

    Attributes:
        warm_up: the fraction of all steps that it rises for, 0 to below 1.
    """

    peak: float
    warm_up: float = 0.15

    def __post_init__(self) -> None:
        if not 0 <= self.warm_up < 1:
            raise RecipeError("OneCycle", found=f"warm_up={self.warm_up}", expected="0 or more, below 1")
        check_number(self, "peak", self.peak)

    def schedule(self, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
        """Over so many steps; one of Keras' own, so that Keras alone can load what was trained with it."""
        from keras.optimizers.schedules import CosineDecay

        rising = self.warm_up * steps
        return CosineDecay(0.0, steps - rising, warmup_target=self.peak, warmup_steps=rising)


Rate = float | OneCycle


def check_number(owner: object, name: str, value: object) -> None:
    """Raises RecipeError unless a setting of `owner` is a finite number from 0 on, or a schedule."""
    if isinstance(value, int | float) and not 0 <= value < inf:
        raise RecipeError(type(owner).__name__, found=f"{name}={value}", expected="a finite number, 0 or more")


@dataclass(frozen=True)
class SGD:
    """Plain stochastic gradient descent, as keras.optimizers.SGD."""

    learning_rate: Rate = 0.01

    def __post_init__(self) -> None:
        check_number(self, "learning_rate", self.learning_rate)


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma and Ba 2015) with Keras' remaining defaults, as keras.optimizers.Adam."""

    learning_rate: Rate = 0.001

    def __post_init__(self) -> None:
        check_number(self, "learning_rate", self.learning_rate)


@dataclass(frozen=True)
class AdamW:
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019), of every weight, as keras.optimizers.AdamW."""

    learning_rate: Rate = 0.001
    weight_decay: float = 0.004

    def __post_init__(self) -> None:
        check_number(self, "learning_rate", self.learning_rate)
        check_number(self, "weight_decay", self.weight_decay)


Optimizer = SGD | Adam | AdamW


def described(part: Optimizer | OneCycle) -> dict[str, Any]:
    """The name and settings of a part of a recipe."""
    settings = {field.name: getattr(part, field.name) for field in fields(part)}
    return {"name": type(part).__name__} | {
        name: described(value) if isinstance(value, OneCycle) else value for name, value in settings.items()
    }
