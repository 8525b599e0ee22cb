"""`Plan`: the arrays that training a net needs, and the steps that read and write them; plain data.

`planner.py` makes a plan from a `Network`; `emit.py` writes C from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import Literal

from tinydigits.engine.compiler.steps import (
    Area,
    Border,
    Convolution,
    Drop,
    InPlace,
    Maker,
    Normalization,
    Pooling,
    Rectify,
    Step,
    Weighted,
)
from tinydigits.engine.compiler.weights import Slot

Loss = Literal["mean_squared_error", "cross_entropy"]
Rule = Literal["sgd", "momentum", "nesterov", "adam"]


@dataclass(frozen=True)
class Plan:
    """A net as the engine trains it: `emit.py` writes C from it, and `program.py` runs that.

    Attributes:
        areas: the values between layers. The first is the image, the last the output of the net before any softmax.
        steps: the steps in forward order.
        slots: the place of each weight array in the engine's array, in Keras' order.
        softmax: whether a softmax follows the last step.
    """

    input_shape: tuple[int, ...]
    areas: tuple[Area, ...]
    steps: tuple[Step, ...]
    slots: tuple[Slot, ...]
    softmax: bool
    loss: Loss
    rule: Rule

    @property
    def pixels(self) -> int:
        return self.areas[0].values

    @property
    def classes(self) -> int:
        return self.areas[-1].values

    @property
    def weights(self) -> int:
        """Length of the engine's array of weights, gaps included."""
        return max(slot.end for slot in self.slots)

    @property
    def trained_slots(self) -> tuple[Slot, ...]:
        """The arrays that the optimiser changes, in Keras' order; they come before all others."""
        return tuple(slot for slot in self.slots if slot.trained)

    @property
    def trained(self) -> int:
        """Length of the first part of the array of weights, which the optimiser changes; gaps included."""
        return max(slot.end for slot in self.trained_slots)

    @property
    def dropouts(self) -> int:
        return sum(isinstance(step, Drop) for step in self.steps)

    @property
    def norms(self) -> tuple[Normalization, ...]:
        """The batch normalisations, in forward order."""
        return tuple(step for step in self.steps if isinstance(step, Normalization))

    def in_place(self, area: int) -> tuple[InPlace, ...]:
        """Returns the steps that work in place on `area`, in forward order."""
        return tuple(step for step in self.steps if isinstance(step, InPlace) and step.source == area)

    def maker(self, area: int) -> Maker | None:
        """Returns the step that writes `area`; None for the image."""
        return next((step for step in self.steps if isinstance(step, Maker) and step.source + 1 == area), None)

    def trained_before(self, area: int) -> bool:
        """Returns whether `area` needs a gradient: there are weights before it."""
        return any(isinstance(step, Weighted) and step.source < area for step in self.steps)

    def slope(self, area: int) -> float:
        """Returns the factor of gradients where `area` is not positive: 0 after ReLU, 1 without a rectifier."""
        maker = self.maker(area)
        fused = 1.0 if maker is None or isinstance(maker, Pooling) else maker.slope
        return fused * prod(step.slope for step in self.in_place(area) if isinstance(step, Rectify))

    def spread(self, step: Convolution) -> Area:
        """Returns the area of a convolution's output gradient, spread out as the input gradient needs it.

        It has a border of zeros. With strides above 1, there are zeros between its values.
        """
        (height, width), (top, left) = step.windows.size, step.windows.origin
        (down, across), source, output = step.windows.strides, self.areas[step.source], step.output
        rows, columns = (output.rows - 1) * down + 1, (output.columns - 1) * across + 1
        border = Border(height - 1 - top, width - 1 - left, source.rows - rows + top, source.columns - columns + left)
        return replace(output, rows=rows, columns=columns, border=border)
