"""Soft targets: what a larger net, the teacher, answers to the very pictures that a smaller one learns from.

A teacher that answered new pictures in every epoch would cost more than the training that it helps. So each training
image has a fixed number of variations, *views*, the same in every training; epochs take them in turn, and the teacher
answers each once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tinydigits.augmentation import Augmentation
from tinydigits.errors import RecipeError, UnequalCountsError

# What chance is keyed by in place of a training's own seed: all seeds of a recipe share the views.
SEED = 0


@dataclass(frozen=True)
class View:
    """One variation of every training image.

    Attributes:
        key: what chance is keyed by, beside SEED and an image's number; no two views have the same.
        strength: what every amplitude of the augmentation is multiplied with, 0 to 1.
    """

    key: int
    strength: float


@dataclass(frozen=True)
class Views:
    """Which view an epoch learns from.

    Attributes:
        count: how many there are at full strength; each of the gentle epochs has one of its own beside them.
    """

    augmentation: Augmentation
    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise RecipeError("views", found=str(self.count), expected="1 or more", fix="Give a larger number.")

    def at(self, epoch: int, epochs: int) -> View:
        """The view of `epoch`, counted from 0, of `epochs`."""
        full = max(0, epochs - self.augmentation.gentle_epochs)
        key = epoch % self.count if epoch < full else self.count + epoch - full
        return View(key, self.augmentation.strength(epoch, epochs))

    def needed(self, epochs: int) -> list[View]:
        """The views of a whole training, each once."""
        return list(dict.fromkeys(self.at(epoch, epochs) for epoch in range(epochs)))


@dataclass(frozen=True, eq=False)
class SoftTargets:
    """The answers to views of the training images.

    Attributes:
        answers: probabilities, float `[n, classes]`, by view.
    """

    views: Views
    answers: Mapping[View, NDArray[np.floating]] = field(repr=False)

    def check(self, shape: tuple[int, ...]) -> None:
        """That every answer has the shape of the labels' targets, `[n, classes]`.

        Raises:
            UnequalCountsError: one has not.
        """
        for view, answers in self.answers.items():
            if answers.shape != shape:
                raise UnequalCountsError(
                    f"soft targets of view {view.key}",
                    found=f"answers of shape {list(answers.shape)}",
                    expected=f"{list(shape)}, a row for each training image",
                    fix="Ask the teacher about the images that are trained on.",
                )

    def at(self, epoch: int, epochs: int) -> tuple[View, NDArray[np.float32]]:
        """What `epoch` of `epochs` learns: a view, and the targets of its pictures, float32 `[n, classes]`."""
        view = self.views.at(epoch, epochs)
        return view, distributions(self.answers[view])


def distributions(answers: NDArray[np.floating]) -> NDArray[np.float32]:
    """Rows that sum to 1: what is kept of answers is rounded."""
    wide = answers.astype(np.float32)
    return np.asarray(wide / wide.sum(axis=1, keepdims=True), np.float32)
