"""The protocol `Layer`, and base classes for layers with and without weights."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

# Activations and weights; float32 or float64.
Array = NDArray[Any]
# The shape of one input or output, without the batch.
Shape = tuple[int, ...]


class Layer(Protocol):
    """One layer of a network, with its weights; immutable."""

    @property
    def weights(self) -> tuple[Array, ...]:
        """All weight arrays, float32, in Keras' order."""

    @property
    def parameters(self) -> int:
        """Number of trainable parameters, as Keras counts them."""

    def accepts(self, shape: Shape) -> bool:
        """Returns whether the weights match each other and an input of `shape`."""

    def output_shape(self, shape: Shape) -> Shape:
        """Returns the shape of the output for an input of `shape`."""

    def multiply_adds(self, shape: Shape) -> int:
        """Returns the number of multiplications of a weight and an activation, for one input of `shape`."""

    def forward(self, x: Array) -> Array:
        """Returns the output at inference: `[n, *shape]` becomes `[n, *output_shape(shape)]`."""


class Weightless:
    """Base class of layers without weights."""

    @property
    def weights(self) -> tuple[Array, ...]:
        return ()

    @property
    def parameters(self) -> int:
        return 0

    def accepts(self, shape: Shape) -> bool:
        return True

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def multiply_adds(self, shape: Shape) -> int:
        return 0


@dataclass(frozen=True, eq=False)
class Linear:
    """Base class of convolution and dense layers: a kernel, and a bias or None."""

    kernel: Array
    bias: Array | None

    @property
    def weights(self) -> tuple[Array, ...]:
        return (self.kernel,) if self.bias is None else (self.kernel, self.bias)

    @property
    def parameters(self) -> int:
        return sum(weight.size for weight in self.weights)

    def bias_fits(self, outputs: int) -> bool:
        return self.bias is None or self.bias.shape == (outputs,)

    def biased(self, x: Array) -> Array:
        return x if self.bias is None else np.add(x, self.bias)
