"""Where Keras' weights lie in the engine's one array.

Convolution kernels and biases keep Keras' order. A dense kernel `[features, units]` is turned to `[units][stride]`,
so that its gradients are summed along the features; its features follow the engine's channel-row-column order, not
Keras' row-column-channel order. Gaps are zero and stay zero: nothing ever flows into them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from tinydigits.arrays import Float32Array, Int64Array

# The old name of the type, for the modules that still import it from here.
Floats = Float32Array
# Images a group holds, and the grid, in floats, that every weight array begins on.
GROUP = 16


def padded(size: int) -> int:
    """`size`, rounded up to a whole number of groups."""
    return -(-size // GROUP) * GROUP


@dataclass(frozen=True)
class Slot:
    """One weight array's place.

    Attributes:
        offset: of its first number in the engine's array.
        shape: as Keras has it.
        image: (rows, columns, channels) of the values that a dense kernel reads; None for every other array.
        trained: whether the optimiser changes it; a batch normalisation's moving statistics it does not.
    """

    offset: int
    shape: tuple[int, ...]
    image: tuple[int, int, int] | None = None
    trained: bool = True

    @property
    def stride(self) -> int:
        """Numbers from one unit of a dense kernel to the next."""
        return padded(self.shape[0])

    @property
    def end(self) -> int:
        """Where the next array may begin."""
        return self.offset + (padded(prod(self.shape)) if self.image is None else self.stride * self.shape[1])

    def positions(self) -> Int64Array:
        """The engine's position of every number, in Keras' flat order."""
        if self.image is None:
            return self.offset + np.arange(prod(self.shape))
        rows, columns, channels = self.image
        features = np.arange(rows * columns * channels).reshape(channels, rows, columns).transpose(1, 2, 0)
        return np.add.outer(self.offset + features.ravel(), self.stride * np.arange(self.shape[1])).ravel()


def slots_for(
    offset: int, kernel: Float32Array, bias: Float32Array | None, image: tuple[int, int, int] | None = None
) -> tuple[Slot, Slot | None]:
    """The places of a layer's kernel and bias, the first at `offset`."""
    first = Slot(offset, kernel.shape, image)
    return first, None if bias is None else Slot(first.end, bias.shape)


def pack(slots: Sequence[Slot], arrays: Sequence[Float32Array]) -> Float32Array:
    """Keras' arrays → the engine's one array, float32, as long as the last of them reaches."""
    packed = np.zeros(max(slot.end for slot in slots), np.float32)
    for slot, array in zip(slots, arrays, strict=True):
        packed[slot.positions()] = np.ravel(array)
    return packed


def unpack(slots: Sequence[Slot], packed: Float32Array) -> list[Float32Array]:
    """The engine's one array → Keras' arrays."""
    return [packed[slot.positions()].reshape(slot.shape) for slot in slots]
