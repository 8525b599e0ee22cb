"""Input and output of a compiled program, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Float32Array, UInt8Images
from tinydigits.engine.runtime import structures
from tinydigits.engine.runtime.structures import address


@dataclass(frozen=True, eq=False)
class Examples:
    """Images with their targets.

    Attributes:
        images: contiguous uint8 (C scales it by 1/255) or float32, `[n, …]`.
        targets: contiguous float32 `[n, classes]`; None for prediction.
        weights: contiguous float32 `[n]`, how much each image counts in the loss; None: 1 each.
    """

    images: UInt8Images | Float32Array
    targets: Float32Array | None = None
    weights: Float32Array | None = None

    def __len__(self) -> int:
        return len(self.images)

    def fields(self, order: NDArray[np.int32] | None = None) -> structures.Source:
        return structures.Source(
            address(self.images),
            address(self.targets),
            address(self.weights),
            address(order),
            len(self),
            self.images.dtype == np.float32,
        )


@dataclass(frozen=True)
class RuleNumbers:
    """The numbers of an optimiser; those that its rule does not use are 0.

    Attributes:
        learning_rate: one number for all steps, or float32 `[steps]` with one for each step of an epoch.
        weight_decay: fraction of a weight that a step with learning rate 1 subtracts from it.
        averaging: fraction of the moving averages of the weights that a step keeps.
    """

    learning_rate: float | Float32Array
    momentum: float = 0.0
    beta_1: float = 0.0
    beta_2: float = 0.0
    epsilon: float = 0.0
    weight_decay: float = 0.0
    averaging: float = 0.0

    def fields(self) -> structures.Rule:
        """Returns all numbers except the learning rate, which may differ from step to step."""
        return structures.Rule(
            momentum=self.momentum,
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            one_minus_beta_1=1 - self.beta_1,
            one_minus_beta_2=1 - self.beta_2,
            epsilon=self.epsilon,
            weight_decay=self.weight_decay,
            averaging=self.averaging,
        )

    def rates(self, steps: int) -> Float32Array:
        """Returns the learning rate of each step of an epoch; contiguous float32 `[steps]`."""
        return np.ascontiguousarray(np.broadcast_to(np.asarray(self.learning_rate, np.float32), steps))


@dataclass(frozen=True, eq=False)
class State:
    """All that training changes.

    Attributes:
        weights: the engine's array of weights.
        slots: the arrays of the optimiser, such as momentum.
        iterations: number of steps taken so far.
        averages: the moving averages of the weights; None if there are none.
    """

    weights: Float32Array
    slots: tuple[Float32Array, ...]
    iterations: int
    averages: Float32Array | None = None


@dataclass(frozen=True)
class Score:
    """Mean loss, and the fraction of right answers, over some images."""

    loss: float
    accuracy: float


class NonFiniteStep(Exception):  # noqa: N818 - a caller that knows the epoch turns it into an error
    """A step gave a loss or weight that is not finite; `state` is the last finite state."""

    def __init__(self, step: int, state: State) -> None:
        super().__init__(step)
        self.step = step
        self.state = state


@dataclass(frozen=True, eq=False)
class Variation:
    """How a training varies its images: the address of `augment_image`, and its amplitudes."""

    function: int
    amplitudes: structures.Amplitudes


@dataclass(frozen=True)
class Epoch:
    """The settings of one epoch of training.

    Attributes:
        order: int32 [n], the numbers of the images in the order of training.
        seed, index: random numbers depend on these.
        still: keep the weights, and only set the moving statistics to their mean over the epoch.
    """

    order: NDArray[np.int32]
    batch_size: int
    seed: int = 0
    index: int = 0
    dropout: bool = True
    variation: Variation | None = None
    still: bool = False
