"""Batches for Keras' own `fit` in the order of a native training: it depends on the seed and the steps taken alone.

Keras draws its own orders from a random state that lives as long as one call of `fit`, and cannot be kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray


def ordered_batches(
    arrays: tuple[NDArray[Any], ...], batch_size: int, seed: int, *, shuffle: bool
) -> tuple[keras.utils.PyDataset, keras.callbacks.Callback]:
    """What Keras' `fit` takes as x, and the callback that tells it that an epoch begins.

    Args:
        arrays: (x, y) or (x, y, sample weights), `[n, …]` each.
    """
    import keras

    from tinydigits.engine.keras.epochs import shuffled

    images = len(arrays[0])
    orders = [np.arange(images, dtype=np.int32)]

    class Batches(keras.utils.PyDataset):  # type: ignore[misc]
        def __len__(self) -> int:
            return len(range(0, images, batch_size))

        def __getitem__(self, index: int) -> tuple[NDArray[Any], ...]:
            chosen = orders[-1][index * batch_size : (index + 1) * batch_size]
            return tuple(array[chosen] for array in arrays)

    class Start(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            if shuffle:
                steps = int(self.model.optimizer.iterations)
                orders[:] = [shuffled(np.arange(images, dtype=np.int32), seed, steps)]

    return Batches(), Start()
