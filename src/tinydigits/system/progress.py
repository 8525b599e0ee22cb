"""Training progress and the callbacks that report it: after native slices, Keras' batches and whole epochs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

# Shortest time between two reports, in seconds: a bar moves smoothly, and reports cost nothing noticeable.
PROGRESS_SECONDS = 0.1


@dataclass(frozen=True)
class Progress:
    """The progress of a training; loss and accuracy are running means of this epoch.

    Attributes:
        epoch: the current epoch, from 1.
        fraction: finished part of all epochs, 0 to 1.
        epoch_ended: True in one report per epoch, with `loss` and `accuracy` of the whole epoch.
    """

    epoch: int
    epochs: int
    fraction: float
    loss: float
    accuracy: float | None
    validation_accuracy: float | None = None
    epoch_ended: bool = False


OnProgress = Callable[[Progress], None]


def slice_callback(on_progress: OnProgress, epochs: int) -> Callable[[int, float, float, float], None]:
    """Returns the function that reports native slices to `on_progress`."""
    told = 0.0

    def tell(epoch: int, done: float, loss: float, accuracy: float) -> None:
        nonlocal told
        if time.monotonic() - told > PROGRESS_SECONDS:
            told = time.monotonic()
            on_progress(Progress(epoch + 1, epochs, (epoch + done) / epochs, loss, accuracy))

    return tell


def batch_callback(on_progress: OnProgress, steps: int) -> keras.callbacks.Callback:
    """Returns a Keras callback that reports batches to `on_progress`."""
    import keras

    class Report(keras.callbacks.Callback):  # type: ignore[misc]
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

    return Report()


def epoch_callback(on_progress: OnProgress) -> keras.callbacks.Callback:
    """Returns a Keras callback that reports whole epochs to `on_progress`."""
    import keras

    class Report(keras.callbacks.Callback):  # type: ignore[misc]
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

    return Report()
