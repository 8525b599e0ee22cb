"""Layers with windows (convolutions and poolings), and the positions of windows on an input."""

from dataclasses import dataclass
from math import prod
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tinydigits.network.layers.layer import Array, Linear, Shape, Weightless

Size = tuple[int, int]
Padding = Literal["valid", "same"]


@dataclass(frozen=True, eq=False)
class Conv2D(Linear):
    """Convolves the input. `kernel` [kernel height, kernel width, channels, filters], `bias` [filters] or None."""

    padding: Padding = "valid"
    strides: Size = (1, 1)

    @property
    def kernel_size(self) -> Size:
        height, width = self.kernel.shape[:2]
        return height, width

    def accepts(self, shape: Shape) -> bool:
        fits = self.kernel.ndim == 4 and len(shape) == 3 and self.kernel.shape[2] == shape[2]
        return fits and self.bias_fits(self.output_shape(shape)[2])

    def output_shape(self, shape: Shape) -> Shape:
        return (*windows_along(shape, self.kernel_size, self.strides, self.padding), self.kernel.shape[3])

    def multiply_adds(self, shape: Shape) -> int:
        # Each output value depends on kernel height · kernel width · channels inputs.
        return prod(self.output_shape(shape)) * prod(self.kernel.shape[:3])

    def forward(self, x: Array) -> Array:
        windows = windows_of(x, self.kernel_size, self.strides, self.padding, fill=0)
        # windows [n, rows, columns, channels, kernel height, kernel width]
        return self.biased(np.tensordot(windows, self.kernel, axes=((4, 5, 3), (0, 1, 2))))


@dataclass(frozen=True, eq=False)
class DepthwiseConv2D(Conv2D):
    """Convolves each channel alone. `kernel` [kernel height, kernel width, channels, filters per channel].

    Outputs are ordered by channel, then by filter, as in Keras. `bias` has one number per output channel.
    """

    def output_shape(self, shape: Shape) -> Shape:
        return (*super().output_shape(shape)[:2], prod(self.kernel.shape[2:]))

    def multiply_adds(self, shape: Shape) -> int:
        return prod(self.output_shape(shape)) * prod(self.kernel_size)

    def forward(self, x: Array) -> Array:
        windows = windows_of(x, self.kernel_size, self.strides, self.padding, fill=0)
        products = np.einsum("nrcdij,ijdm->nrcdm", windows, self.kernel)
        return self.biased(products.reshape(*products.shape[:3], -1))


@dataclass(frozen=True)
class Pooling(Weightless):
    """Base class of poolings: windows of `pool_size`, `strides` apart."""

    pool_size: Size = (2, 2)
    strides: Size = (2, 2)
    padding: Padding = "valid"

    def accepts(self, shape: Shape) -> bool:
        return len(shape) == 3

    def output_shape(self, shape: Shape) -> Shape:
        return (*windows_along(shape, self.pool_size, self.strides, self.padding), shape[2])

    def windows(self, x: Array, fill: float) -> Array:
        return windows_of(x, self.pool_size, self.strides, self.padding, fill=fill)


@dataclass(frozen=True)
class MaxPooling2D(Pooling):
    """Returns the largest value of each window."""

    def forward(self, x: Array) -> Array:
        return np.asarray(self.windows(x, -np.inf).max(axis=(4, 5)))


@dataclass(frozen=True)
class AveragePooling2D(Pooling):
    """Returns the mean of each window; places outside the input do not count."""

    def forward(self, x: Array) -> Array:
        inside = self.windows(np.ones_like(x), 0).sum(axis=(4, 5))
        return np.asarray(self.windows(x, 0).sum(axis=(4, 5)) / inside)


@dataclass(frozen=True)
class GlobalAveragePooling2D(Weightless):
    """Returns the mean of each channel: (height, width, channels) becomes (channels,)."""

    def accepts(self, shape: Shape) -> bool:
        return len(shape) == 3

    def output_shape(self, shape: Shape) -> Shape:
        return shape[2:]

    def forward(self, x: Array) -> Array:
        return np.asarray(x.mean(axis=(1, 2)))


def same_padding(size: int, window: int, stride: int) -> tuple[int, int]:
    """Returns the pixels to add (before, after) along one axis, so that `ceil(size / stride)` windows fit.

    If their number is odd, one more is added after.
    """
    total = max((-(-size // stride) - 1) * stride + window - size, 0)
    return total // 2, total - total // 2


def windows_along(shape: Shape, window: Size, strides: Size, padding: Padding) -> Size:
    """Returns the number of windows along the height and the width of `shape`."""
    pads = pads_of(shape, window, strides, padding)
    height, width = (
        (size + sum(pad) - extent) // stride + 1
        for size, pad, extent, stride in zip(shape[:2], pads, window, strides, strict=True)
    )
    return height, width


def pads_of(shape: Shape, window: Size, strides: Size, padding: Padding) -> tuple[Size, Size]:
    """Returns the pixels to add: ((above, below), (left, right))."""
    if padding == "valid":
        return (0, 0), (0, 0)
    return same_padding(shape[0], window[0], strides[0]), same_padding(shape[1], window[1], strides[1])


def windows_of(x: Array, window: Size, strides: Size, padding: Padding, *, fill: float) -> Array:
    """Returns all windows of `x` [n, height, width, channels], as a view.

    Its shape is [n, rows, columns, channels, window height, window width].
    """
    pads = pads_of(x.shape[1:], window, strides, padding)
    padded = np.pad(x, ((0, 0), *pads, (0, 0)), constant_values=fill)
    return sliding_window_view(padded, window, axis=(1, 2))[:, :: strides[0], :: strides[1]]
