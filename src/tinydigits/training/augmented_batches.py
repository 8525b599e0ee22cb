"""Augmented batches for Keras' own `fit`: in the order, and with the pictures, of a native training.

Every epoch is one permutation. Pictures are made batch by batch: by machine code, or by NumPy without a compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits.augmentation import reference as augmentation_numpy
from tinydigits.augmentation.settings import Augmentation, check_pixels
from tinydigits.data.dataset import model_input
from tinydigits.errors import EngineError
from tinydigits.formats.keras_pixels import Pixels

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

Make = Callable[..., "NDArray[np.uint8]"]


@dataclass(frozen=True, eq=False)
class ImageSource:
    """Training images and targets, from which batches are made.

    Attributes:
        images: uint8 `[n, …]`.
        targets: `[n, …]`.
        shape: of one image as the model takes it.
        pixels: the range in which the model takes them.
    """

    images: NDArray[np.uint8]
    targets: NDArray[Any]
    shape: tuple[int, ...]
    batch_size: int
    seed: int
    pixels: Pixels = "0-1"

    @property
    def batches(self) -> int:
        """How many an epoch has."""
        return -(-len(self.images) // self.batch_size)


@dataclass(frozen=True, eq=False)
class EpochPlan:
    """One epoch: which image comes when, what chance is keyed by, and how strong the augmentation is."""

    order: NDArray[np.int64]
    key: int
    strength: float


def augmented_batches(
    source: ImageSource, settings: Augmentation, *, shuffle: bool
) -> tuple[keras.utils.PyDataset, keras.callbacks.Callback]:
    """What Keras' `fit` takes as x, and the callback that tells it that an epoch begins.

    Raises:
        RecipeError: the images are not uint8.
    """
    import keras

    check_pixels(source.images.dtype)
    make = maker(source.images.shape[1:])
    plans = [plan_of(source, settings, shuffle, 0, 0, 1)]

    class Batches(keras.utils.PyDataset):  # type: ignore[misc]
        def __len__(self) -> int:
            return source.batches

        def __getitem__(self, index: int) -> tuple[NDArray[np.float32], NDArray[Any]]:
            return batch_of(source, make, settings, plans[-1], index)

    # The data set's own `on_epoch_begin` knows neither the epoch nor the steps taken, and is called for trials too.
    class Start(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            steps = int(self.model.optimizer.iterations)
            plans[:] = [plan_of(source, settings, shuffle, steps, epoch, self.params["epochs"])]

    return Batches(), Start()


def maker(shape: tuple[int, ...]) -> Make:
    """What makes the pictures; on one thread, as a batch is too little for more."""
    from tinydigits.engine.runtime.augment import Augmenter

    try:
        return partial(Augmenter(shape), threads=1)
    except EngineError:
        return augmentation_numpy.augmented


def plan_of(
    source: ImageSource, settings: Augmentation, shuffle: bool, steps: int, epoch: int, epochs: int
) -> EpochPlan:
    """The epoch after so many training steps, as the native engine has it."""
    from tinydigits.engine.keras.epochs import shuffled

    order = np.arange(len(source.images), dtype=np.int32)
    order = shuffled(order, source.seed, steps) if shuffle else order
    return EpochPlan(order.astype(np.int64), steps, settings.strength(epoch, epochs))


def batch_of(
    source: ImageSource, make: Make, settings: Augmentation, plan: EpochPlan, index: int
) -> tuple[NDArray[np.float32], NDArray[Any]]:
    chosen = plan.order[index * source.batch_size : (index + 1) * source.batch_size]
    pictures = make(source.images, source.seed, plan.key, settings, plan.strength, chosen)
    return model_input(pictures, source.shape, pixels=source.pixels), source.targets[chosen]
