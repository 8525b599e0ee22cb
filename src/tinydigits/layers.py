"""The layers of a `Network`: shapes, parameter and multiply-add counts, and a plain NumPy forward pass.

Activations are `[n, height, width, channels]` or `[n, features]`, as in Keras. A forward pass computes in the
type of its input: float64 inputs give the float64 reference that every back end is compared with.

Shapes leave the batch out. A convolution or dense layer is linear: its activation is a layer of its own.
"""

from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]
Size = tuple[int, int]
Padding = Literal["valid", "same"]


class Layer(Protocol):
    """One step of a network; frozen, and the owner of its weights."""

    # How many dimensions an input has, or None where any will do.
    input_rank: ClassVar[int | None]

    @property
    def weights(self) -> tuple[Array, ...]:
        """Every weight array, float32, in Keras' order."""

    @property
    def parameters(self) -> int:
        """Trainable parameters, as Keras counts them."""

    def output_shape(self, shape: Shape) -> Shape:
        """The shape that an input of `shape` becomes."""

    def multiply_adds(self, shape: Shape) -> int:
        """Multiplications of a weight with an activation, for one input of `shape`."""

    def forward(self, x: Array) -> Array:
        """`[n, *shape]` → `[n, *output_shape(shape)]`, as at inference."""


class Weightless:
    """What the layers without weights have in common."""

    input_rank: ClassVar[int | None] = None

    @property
    def weights(self) -> tuple[Array, ...]:
        return ()

    @property
    def parameters(self) -> int:
        return 0

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def multiply_adds(self, shape: Shape) -> int:
        return 0


@dataclass(frozen=True, eq=False)
class Linear:
    """What convolution and dense layers have in common: a kernel, and a bias or none."""

    kernel: Array
    bias: Array | None

    @property
    def weights(self) -> tuple[Array, ...]:
        return (self.kernel,) if self.bias is None else (self.kernel, self.bias)

    @property
    def parameters(self) -> int:
        return sum(weight.size for weight in self.weights)

    def biased(self, x: Array) -> Array:
        return x if self.bias is None else np.add(x, self.bias)


@dataclass(frozen=True, eq=False)
class Conv2D(Linear):
    """Convolution of stride 1. `kernel` [kernel height, kernel width, channels, filters], `bias` [filters] or None."""

    padding: Padding = "valid"
    input_rank: ClassVar[int | None] = 3

    @property
    def kernel_size(self) -> Size:
        height, width = self.kernel.shape[:2]
        return height, width

    def output_shape(self, shape: Shape) -> Shape:
        return (*windows_along(shape, self.kernel_size, (1, 1), self.padding), self.kernel.shape[3])

    def multiply_adds(self, shape: Shape) -> int:
        # Every output pixel of every filter sees kernel height · kernel width · channels inputs.
        return prod(self.output_shape(shape)) * prod(self.kernel.shape[:3])

    def forward(self, x: Array) -> Array:
        windows = windows_of(x, self.kernel_size, (1, 1), self.padding, fill=0)
        # windows [n, rows, columns, channels, kernel height, kernel width]
        return self.biased(np.tensordot(windows, self.kernel, axes=((4, 5, 3), (0, 1, 2))))


@dataclass(frozen=True)
class MaxPooling2D(Weightless):
    """The largest value of each window; windows of `pool_size`, `strides` apart."""

    pool_size: Size = (2, 2)
    strides: Size = (2, 2)
    padding: Padding = "valid"
    input_rank: ClassVar[int | None] = 3

    def output_shape(self, shape: Shape) -> Shape:
        return (*windows_along(shape, self.pool_size, self.strides, self.padding), shape[2])

    def forward(self, x: Array) -> Array:
        windows = windows_of(x, self.pool_size, self.strides, self.padding, fill=-np.inf)
        return np.asarray(windows.max(axis=(4, 5)))


@dataclass(frozen=True)
class Flatten(Weightless):
    """All of an input in one row, in height-width-channel order."""

    def output_shape(self, shape: Shape) -> Shape:
        return (prod(shape),)

    def forward(self, x: Array) -> Array:
        return x.reshape(len(x), -1)


@dataclass(frozen=True)
class Dropout(Weightless):
    """Training zeroes each value with probability `rate`, 0 to 1, and scales the rest; inference does nothing."""

    rate: float

    def forward(self, x: Array) -> Array:
        return x


@dataclass(frozen=True, eq=False)
class Dense(Linear):
    """Every output sees every input. `kernel` [features, units], `bias` [units] or None."""

    input_rank: ClassVar[int | None] = 1

    def output_shape(self, shape: Shape) -> Shape:
        return (self.kernel.shape[1],)

    def multiply_adds(self, shape: Shape) -> int:
        return self.kernel.size

    def forward(self, x: Array) -> Array:
        return self.biased(x @ self.kernel)


@dataclass(frozen=True)
class ReLU(Weightless):
    """max(x, 0)."""

    def forward(self, x: Array) -> Array:
        return np.maximum(x, 0)


@dataclass(frozen=True)
class Softmax(Weightless):
    """Probabilities over the last axis."""

    def forward(self, x: Array) -> Array:
        return softmax(x)


def softmax(logits: Array) -> Array:
    """`[…, classes]` → probabilities that sum to 1 over the last axis; finite logits of any size do not overflow."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def same_padding(size: int, window: int, stride: int) -> tuple[int, int]:
    """Pixels added (before, after) one axis so that `ceil(size / stride)` windows fit; the odd one goes after."""
    total = max((-(-size // stride) - 1) * stride + window - size, 0)
    return total // 2, total - total // 2


def windows_along(shape: Shape, window: Size, strides: Size, padding: Padding) -> Size:
    """How many windows fit along the height and the width of `shape`."""
    pads = pads_of(shape, window, strides, padding)
    height, width = (
        (size + sum(pad) - extent) // stride + 1
        for size, pad, extent, stride in zip(shape[:2], pads, window, strides, strict=True)
    )
    return height, width


def pads_of(shape: Shape, window: Size, strides: Size, padding: Padding) -> tuple[Size, Size]:
    """Pixels added ((above, below), (left, right))."""
    if padding == "valid":
        return (0, 0), (0, 0)
    return same_padding(shape[0], window[0], strides[0]), same_padding(shape[1], window[1], strides[1])


def windows_of(x: Array, window: Size, strides: Size, padding: Padding, *, fill: float) -> Array:
    """`[n, height, width, channels]` → `[n, rows, columns, channels, window height, window width]`, without a copy."""
    pads = pads_of(x.shape[1:], window, strides, padding)
    padded = np.pad(x, ((0, 0), *pads, (0, 0)), constant_values=fill)
    return sliding_window_view(padded, window, axis=(1, 2))[:, :: strides[0], :: strides[1]]
