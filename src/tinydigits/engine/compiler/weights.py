"""Positions of Keras' weights in the one array of the engine.

Convolution kernels and biases keep Keras' order. A dense kernel `[features, units]` is transposed to `[units][stride]`,
so that its gradients are summed along the features. Its features are in the engine's order (channel, row, column), not
in Keras' order (row, column, channel). Gaps between arrays are zero and stay zero, because their gradients are zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from tinydigits.arrays import Float32Array, Int64Array

# The old name of the type, for the modules that still import it from here.
Floats = Float32Array
# Number of images in a group. Every weight array also begins at a multiple of this many floats.
GROUP = 16


def padded(size: int) -> int:
    """Rounds `size` up to a multiple of GROUP."""
    return -(-size // GROUP) * GROUP


@dataclass(frozen=True)
class Slot:
    """The place of one weight array.

    Attributes:
        offset: position of its first number in the engine's array.
        shape: its shape in Keras.
        image: (rows, columns, channels) of the values that a dense kernel reads; None for all other arrays.
        trained: whether the optimiser changes it. Moving statistics of batch normalisation are not trained.
    """

    offset: int
    shape: tuple[int, ...]
    image: tuple[int, int, int] | None = None
    trained: bool = True

    @property
    def stride(self) -> int:
        """Distance between two units of a dense kernel, in numbers."""
        return padded(self.shape[0])

    @property
    def end(self) -> int:
        """Position at which the next array may begin."""
        return self.offset + (padded(prod(self.shape)) if self.image is None else self.stride * self.shape[1])

    def positions(self) -> Int64Array:
        """Returns the position of every number in the engine's array, in Keras' flat order."""
        if self.image is None:
            return self.offset + np.arange(prod(self.shape))
        rows, columns, channels = self.image
        features = np.arange(rows * columns * channels).reshape(channels, rows, columns).transpose(1, 2, 0)
        return np.add.outer(self.offset + features.ravel(), self.stride * np.arange(self.shape[1])).ravel()


def slots_for(
    offset: int, kernel: Float32Array, bias: Float32Array | None, image: tuple[int, int, int] | None = None
) -> tuple[Slot, Slot | None]:
    """Returns the places of a layer's kernel and bias; the kernel begins at `offset`."""
    first = Slot(offset, kernel.shape, image)
    return first, None if bias is None else Slot(first.end, bias.shape)


def pack(slots: Sequence[Slot], arrays: Sequence[Float32Array]) -> Float32Array:
    """Copies Keras' arrays into one array of the engine, float32, which ends with the last of them."""
    packed = np.zeros(max(slot.end for slot in slots), np.float32)
    for slot, array in zip(slots, arrays, strict=True):
        packed[slot.positions()] = np.ravel(array)
    return packed


def unpack(slots: Sequence[Slot], packed: Float32Array) -> list[Float32Array]:
    """Splits the engine's array into Keras' arrays."""
    return [packed[slot.positions()].reshape(slot.shape) for slot in slots]
