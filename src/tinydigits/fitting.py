"""`fit`: train a compiled Keras model in place. Callers need not know what does the work."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits.data import scaled

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

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


def fit(
    model: keras.Model,
    x: NDArray[Any],
    y: NDArray[Any],
    *,
    batch_size: int = 32,
    epochs: int = 1,
    validation_data: tuple[NDArray[Any], NDArray[Any]] | None = None,
    callbacks: list[keras.callbacks.Callback] | None = None,
    seed: int | None = None,
    on_progress: OnProgress | None = None,
) -> keras.callbacks.History:
    """Train a compiled Keras model in place, as its own `fit` does.

    Args:
        x: float32, as the model takes it, or uint8, which is scaled by 1/255; `[n, height, width]` may leave out
            a single channel.
        y: targets, as the model's loss takes them.
        seed: of shuffling and dropout; None leaves Keras' random state as it is.
        on_progress: called several times a second at most, and once after each epoch.

    Returns:
        What Keras' `fit` returns: loss and metrics by epoch.
    """
    import keras

    if seed is not None:
        keras.utils.set_random_seed(seed)
    told = [*(callbacks or []), *([progress_callback(on_progress, len(x), batch_size)] if on_progress else [])]
    held_out = validation_data and (inputs(validation_data[0], model), validation_data[1])
    return model.fit(
        inputs(x, model), y, batch_size=batch_size, epochs=epochs, validation_data=held_out, callbacks=told, verbose=0
    )


def inputs(x: NDArray[Any], model: keras.Model) -> NDArray[Any]:
    """Pixels as the model takes them: uint8 scaled, a missing channel axis added."""
    values = scaled(x) if x.dtype == np.uint8 else x
    return values.reshape(-1, *model.input_shape[1:])


def progress_callback(on_progress: OnProgress, images: int, batch_size: int) -> keras.callbacks.Callback:
    """A Keras callback that tells `on_progress`."""
    import keras

    steps = -(-images // batch_size)

    class Tell(keras.callbacks.Callback):  # type: ignore[misc]
        epoch = 0
        told = 0.0

        def tell(self, done: int, logs: dict[str, float], *, epoch_ended: bool = False) -> None:
            self.told = time.monotonic()
            epochs = self.params["epochs"]
            on_progress(
                Progress(
                    epoch=self.epoch + 1,
                    epochs=epochs,
                    fraction=(self.epoch + done / steps) / epochs,
                    loss=logs["loss"],
                    accuracy=logs.get("accuracy"),
                    validation_accuracy=logs.get("val_accuracy"),
                    epoch_ended=epoch_ended,
                )
            )

        def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            self.epoch = epoch

        def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            if logs and time.monotonic() - self.told > PROGRESS_SECONDS:
                self.tell(batch + 1, logs)

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            self.tell(steps, logs or {}, epoch_ended=True)

    return Tell()
