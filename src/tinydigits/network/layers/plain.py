"""Layers without windows: dense, batch normalisation, activations, flatten, dropout."""

from dataclasses import dataclass
from math import prod

import numpy as np

from tinydigits.network.layers.layer import Array, Linear, Shape, Weightless


@dataclass(frozen=True)
class Flatten(Weightless):
    """Reshapes an input to one row, in height-width-channel order."""

    def output_shape(self, shape: Shape) -> Shape:
        return (prod(shape),)

    def forward(self, x: Array) -> Array:
        return x.reshape(len(x), -1)


@dataclass(frozen=True)
class Dropout(Weightless):
    """Sets each value to 0 with probability `rate`, 0 to 1, and scales the rest; does nothing at inference."""

    rate: float

    def forward(self, x: Array) -> Array:
        return x


@dataclass(frozen=True, eq=False)
class Dense(Linear):
    """Connects every output to every input. `kernel` [features, units], `bias` [units] or None."""

    def accepts(self, shape: Shape) -> bool:
        return self.kernel.ndim == 2 and self.kernel.shape[:1] == shape and self.bias_fits(self.kernel.shape[1])

    def output_shape(self, shape: Shape) -> Shape:
        return (self.kernel.shape[1],)

    def multiply_adds(self, shape: Shape) -> int:
        return self.kernel.size

    def forward(self, x: Array) -> Array:
        return self.biased(x @ self.kernel)


@dataclass(frozen=True, eq=False)
class BatchNormalization:
    """Shifts and scales each channel: gamma · (x − mean) / √(variance + epsilon) + beta; all arrays [channels].

    Mean and variance are moving averages with `momentum`, updated in training. They are weights, but have no gradient.
    """

    gamma: Array
    beta: Array
    mean: Array
    variance: Array
    epsilon: float = 0.001
    momentum: float = 0.99

    @property
    def weights(self) -> tuple[Array, ...]:
        return self.gamma, self.beta, self.mean, self.variance

    @property
    def parameters(self) -> int:
        return self.gamma.size + self.beta.size

    def accepts(self, shape: Shape) -> bool:
        return {weight.shape for weight in self.weights} == {shape[-1:]}

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def multiply_adds(self, shape: Shape) -> int:
        return 0  # at inference its factors can be multiplied into the layer before

    def forward(self, x: Array) -> Array:
        scale = self.gamma / np.sqrt(self.variance.astype(x.dtype) + self.epsilon)
        return np.asarray((x - self.mean) * scale + self.beta)


@dataclass(frozen=True)
class LeakyReLU(Weightless):
    """Returns x where it is positive, else `negative_slope` · x."""

    negative_slope: float = 0.3

    def forward(self, x: Array) -> Array:
        return np.where(x > 0, x, x * self.negative_slope)


@dataclass(frozen=True)
class ReLU(Weightless):
    """max(x, 0)."""

    def forward(self, x: Array) -> Array:
        return np.maximum(x, 0)


@dataclass(frozen=True)
class Softmax(Weightless):
    """Turns logits into probabilities over the last axis."""

    def forward(self, x: Array) -> Array:
        return softmax(x)


def softmax(logits: Array) -> Array:
    """Returns probabilities of logits `[…, classes]`; each row sums to 1, and large finite logits do not overflow."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
