"""How long, in which steps and in which order a model is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral

from tinydigits.augmentation.settings import Augmentation
from tinydigits.errors import RecipeError

SEED_LIMIT = 2**32


@dataclass(frozen=True)
class Schedule:
    """The settings of one call of `fit`; both engines are given the same.

    Attributes:
        epochs: 0 or more.
        batch_size: images a step, 1 or more.
        seed: decides the order of images, what dropout drops and how images are varied; 0 to 2³² − 1.
        shuffle: whether images are put into a new order in every epoch.
        initial_epoch: the epoch to begin with, from 0; earlier ones count as trained.
        validation_freq: validate after every so many epochs, or after those of a list, counted from 1.
        verbose: Keras' progress bar: 0 none, 1 a bar, 2 a line an epoch, "auto" Keras' choice.

    Raises:
        RecipeError: a number outside its range.
    """

    epochs: int
    batch_size: int
    seed: int
    shuffle: bool = True
    augmentation: Augmentation | None = None
    initial_epoch: int = 0
    validation_freq: int | Sequence[int] = 1
    verbose: int | str = 0

    def __post_init__(self) -> None:
        check_number("epochs", self.epochs, least=0)
        check_number("batch_size", self.batch_size, least=1)
        check_number("seed", self.seed, least=0, limit=SEED_LIMIT)

    def validates(self, epoch: int) -> bool:
        """Whether the epoch, from 0, is followed by validation; as Keras decides."""
        number = epoch + 1
        return (
            number % self.validation_freq == 0
            if isinstance(self.validation_freq, int)
            else number in self.validation_freq
        )

    def steps(self, images: int) -> int:
        """Optimiser steps in one epoch over so many images; the last one may take fewer than `batch_size`."""
        return -(-images // self.batch_size)


def check_number(name: str, value: int, *, least: int, limit: int | None = None) -> None:
    """Raise RecipeError unless `value` is a whole number, with `least` <= `value` < `limit`."""
    if not isinstance(value, Integral):
        raise RecipeError(name, found=repr(value), expected="a whole number")
    if value < least or (limit is not None and value >= limit):
        expected = f"{least} or more" if limit is None else f"{least} to {limit - 1:,}"
        raise RecipeError(name, found=str(value), expected=expected)
