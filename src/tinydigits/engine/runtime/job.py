"""What a program is asked to do and what it answers, as plain data."""

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
        images: contiguous uint8 (scaled by 1/255 when read) or float32, `[n, …]`.
        targets: contiguous float32 `[n, classes]`, or None where nothing is compared.
    """

    images: UInt8Images | Float32Array
    targets: Float32Array | None = None

    def __len__(self) -> int:
        return len(self.images)

    def fields(self, order: NDArray[np.int32] | None = None) -> structures.Source:
        return structures.Source(
            address(self.images), address(self.targets), address(order), len(self), self.images.dtype == np.float32
        )


@dataclass(frozen=True)
class RuleNumbers:
    """The optimiser's numbers; those that its rule does not use stay 0.

    Attributes:
        learning_rate: of every step, or one for each step of an epoch: float32 `[steps]`.
        weight_decay: the fraction of a weight that a step of learning rate 1 takes from it.
        averaging: the fraction of the weights' moving averages that a step keeps.
    """

    learning_rate: float | Float32Array
    momentum: float = 0.0
    beta_1: float = 0.0
    beta_2: float = 0.0
    epsilon: float = 0.0
    weight_decay: float = 0.0
    averaging: float = 0.0

    def fields(self) -> structures.Rule:
        """All but the learning rate, which each step has its own of."""
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
        """The learning rate of each of an epoch's steps; contiguous float32 `[steps]`."""
        return np.ascontiguousarray(np.broadcast_to(np.asarray(self.learning_rate, np.float32), steps))


@dataclass(frozen=True, eq=False)
class State:
    """What training changes: the engine's array of weights, the optimiser's arrays beside it, steps taken so far.

    Attributes:
        averages: the moving averages of the weights; None where none are kept.
    """

    weights: Float32Array
    slots: tuple[Float32Array, ...]
    iterations: int
    averages: Float32Array | None = None


@dataclass(frozen=True)
class Score:
    """Mean loss and the fraction of right answers over some images."""

    loss: float
    accuracy: float


class NonFiniteStep(Exception):  # noqa: N818 - not an error yet: whoever knows the epoch makes it one
    """A step gave a loss or weight that is not finite. `state` is the last finite one."""

    def __init__(self, step: int, state: State) -> None:
        super().__init__(step)
        self.step = step
        self.state = state


@dataclass(frozen=True, eq=False)
class Variation:
    """How images are varied before they are learnt from: the address of `augment_image`, and what it is given."""

    function: int
    amplitudes: structures.Amplitudes


@dataclass(frozen=True)
class Epoch:
    """How one epoch is trained.

    Attributes:
        order: int32 [n], which image comes when.
        seed, index: what chance is keyed by.
        still: leave the weights as they are: moving statistics alone become what they are on average over the epoch.
    """

    order: NDArray[np.int32]
    batch_size: int
    seed: int = 0
    index: int = 0
    dropout: bool = True
    variation: Variation | None = None
    still: bool = False
