"""What every layer is: a protocol, and what layers with and without weights have in common."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]


class Layer(Protocol):
    """One step of a network; frozen, and the owner of its weights."""

    @property
    def weights(self) -> tuple[Array, ...]:
        """Every weight array, float32, in Keras' order."""

    @property
    def parameters(self) -> int:
        """Trainable parameters, as Keras counts them."""

    def accepts(self, shape: Shape) -> bool:
        """Whether the weights fit each other and an input of `shape`."""

    def output_shape(self, shape: Shape) -> Shape:
        """The shape that an input of `shape` becomes."""

    def multiply_adds(self, shape: Shape) -> int:
        """Multiplications of a weight with an activation, for one input of `shape`."""

    def forward(self, x: Array) -> Array:
        """`[n, *shape]` → `[n, *output_shape(shape)]`, as at inference."""


class Weightless:
    """What the layers without weights have in common."""

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
    """What convolution and dense layers have in common: a kernel, and a bias or none."""

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
