"""Plan: which arrays a net's training needs, and which step reads and writes which of them; plain data.

`planner.py` makes one from a `Network`, `emit.py` writes it as C.
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
    """What `emit.py` writes and `program.py` runs.

    Attributes:
        areas: values between the layers; the first holds the image, the last the net's output before any softmax.
        steps: in forward order.
        slots: where each of Keras' weight arrays lies in the engine's one array, in Keras' order.
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
        """Numbers in the engine's array of weights, gaps included."""
        return max(slot.end for slot in self.slots)

    @property
    def trained_slots(self) -> tuple[Slot, ...]:
        """The arrays that the optimiser changes, in Keras' order; they lie before all others."""
        return tuple(slot for slot in self.slots if slot.trained)

    @property
    def trained(self) -> int:
        """Numbers that the optimiser changes, gaps included: the first ones."""
        return max(slot.end for slot in self.trained_slots)

    @property
    def dropouts(self) -> int:
        return sum(isinstance(step, Drop) for step in self.steps)

    @property
    def norms(self) -> tuple[Normalization, ...]:
        """The batch normalisations, in forward order."""
        return tuple(step for step in self.steps if isinstance(step, Normalization))

    def in_place(self, area: int) -> tuple[InPlace, ...]:
        """What works in place on `area`, in forward order."""
        return tuple(step for step in self.steps if isinstance(step, InPlace) and step.source == area)

    def maker(self, area: int) -> Maker | None:
        """The step that writes `area`; none for the image."""
        return next((step for step in self.steps if isinstance(step, Maker) and step.source + 1 == area), None)

    def trained_before(self, area: int) -> bool:
        """Whether a gradient must flow back into `area`, because weights lie before it."""
        return any(isinstance(step, Weighted) and step.source < area for step in self.steps)

    def slope(self, area: int) -> float:
        """What a gradient is multiplied with where `area` is not positive: 0 after ReLU, 1 where nothing rectified."""
        maker = self.maker(area)
        fused = 1.0 if maker is None or isinstance(maker, Pooling) else maker.slope
        return fused * prod(step.slope for step in self.in_place(area) if isinstance(step, Rectify))

    def spread(self, step: Convolution) -> Area:
        """The gradient of a convolution's own output as its input's gradient needs it.

        Where windows lie several pixels apart there are as many zeros between the numbers; around all are zeros too.
        """
        (height, width), (top, left) = step.windows.size, step.windows.origin
        (down, across), source, output = step.windows.strides, self.areas[step.source], step.output
        rows, columns = (output.rows - 1) * down + 1, (output.columns - 1) * across + 1
        border = Border(height - 1 - top, width - 1 - left, source.rows - rows + top, source.columns - columns + left)
        return replace(output, rows=rows, columns=columns, border=border)
