"""How far a training is, and what tells of it: of slices trained natively, of Keras' batches, of whole epochs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

# How often progress is told, in seconds: often enough to move, seldom enough to cost nothing.
PROGRESS_SECONDS = 0.1


@dataclass(frozen=True)
class Progress:
    """How far a training is; loss and accuracy are the running ones of this epoch.

    Attributes:
        epoch: the one under way, from 1.
        fraction: of all epochs, 0 to 1.
        epoch_ended: told once an epoch, with `loss` and `accuracy` of the whole of it.
    """

    epoch: int
    epochs: int
    fraction: float
    loss: float
    accuracy: float | None
    validation_accuracy: float | None = None
    epoch_ended: bool = False


OnProgress = Callable[[Progress], None]


def slice_teller(on_progress: OnProgress, epochs: int) -> Callable[[int, float, float, float], None]:
    """What tells `on_progress` of a part of an epoch trained natively."""
    told = 0.0

    def tell(epoch: int, done: float, loss: float, accuracy: float) -> None:
        nonlocal told
        if time.monotonic() - told > PROGRESS_SECONDS:
            told = time.monotonic()
            on_progress(Progress(epoch + 1, epochs, (epoch + done) / epochs, loss, accuracy))

    return tell


def batch_teller(on_progress: OnProgress, steps: int) -> keras.callbacks.Callback:
    """A Keras callback that tells `on_progress` of batches."""
    import keras

    class Tell(keras.callbacks.Callback):  # type: ignore[misc]
        epoch = 0
        told = 0.0

        def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            self.epoch = epoch

        def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            if logs and time.monotonic() - self.told > PROGRESS_SECONDS:
                self.told = time.monotonic()
                epochs = self.params["epochs"]
                fraction = (self.epoch + (batch + 1) / steps) / epochs
                on_progress(Progress(self.epoch + 1, epochs, fraction, logs["loss"], logs.get("accuracy")))

    return Tell()


def epoch_teller(on_progress: OnProgress) -> keras.callbacks.Callback:
    """A Keras callback that tells `on_progress` of whole epochs."""
    import keras

    class Tell(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            logs, epochs = logs or {}, self.params["epochs"]
            on_progress(
                Progress(
                    epoch=epoch + 1,
                    epochs=epochs,
                    fraction=(epoch + 1) / epochs,
                    loss=logs["loss"],
                    accuracy=logs.get("accuracy"),
                    validation_accuracy=logs.get("val_accuracy"),
                    epoch_ended=True,
                )
            )

    return Tell()
