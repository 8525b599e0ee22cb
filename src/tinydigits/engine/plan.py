"""Plan: which arrays a net's training needs, and which step reads and writes which of them; plain data.

`planner.py` makes one from a `Network`, `emit.py` writes it as C. Values are `[channels][rows][columns]` of vectors.
What flows from one layer with weights or pooling to the next lives in one `Area`; ReLU and dropout work on it in place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tinydigits.engine.weights import Slot

Loss = Literal["mean_squared_error", "cross_entropy"]
Rule = Literal["sgd", "momentum", "nesterov", "adam"]
Pair = tuple[int, int]


@dataclass(frozen=True)
class Border:
    """Zeros around an area: how many rows above and below it, columns left and right of it."""

    top: int = 0
    left: int = 0
    bottom: int = 0
    right: int = 0


@dataclass(frozen=True)
class Area:
    """An array of vectors `[channels][rows][columns]`, with a border of zeros around rows and columns."""

    channels: int
    rows: int
    columns: int
    border: Border = Border()

    @property
    def row(self) -> int:
        """Vectors from one row to the next."""
        return self.border.left + self.columns + self.border.right

    @property
    def channel(self) -> int:
        """Vectors from one channel to the next."""
        return (self.border.top + self.rows + self.border.bottom) * self.row

    @property
    def size(self) -> int:
        """Vectors in all."""
        return self.channels * self.channel

    @property
    def start(self) -> int:
        """Where the first value lies behind the border."""
        return self.border.top * self.row + self.border.left

    @property
    def values(self) -> int:
        """Values without the border."""
        return self.channels * self.rows * self.columns


@dataclass(frozen=True)
class Windows:
    """How windows lie on an area: their size, the way from one to the next, and how far outside the first begins."""

    size: Pair
    strides: Pair
    origin: Pair

    def tile(self, source: Area, output: Area) -> bool:
        """Whether those that give `output` lie side by side inside `source`."""
        inside = output.rows * self.size[0] <= source.rows and output.columns * self.size[1] <= source.columns
        return inside and self.size == self.strides and self.origin == (0, 0)


@dataclass(frozen=True)
class Convolution:
    """Convolution of area `source`; with `pooling`, ReLU and a maximum follow before anything is stored.

    Attributes:
        output: of the convolution itself, before any pooling.
    """

    source: int
    windows: Windows
    output: Area
    kernel: Slot
    bias: Slot | None
    rectify: bool = False
    pooling: Windows | None = None


@dataclass(frozen=True)
class Pooling:
    """The maximum over windows of area `source`."""

    source: int
    windows: Windows


@dataclass(frozen=True)
class Product:
    """A dense layer over all of area `source`."""

    source: int
    kernel: Slot
    bias: Slot | None
    rectify: bool = False


@dataclass(frozen=True)
class Rectify:
    """ReLU on area `source`, in place."""

    source: int


@dataclass(frozen=True)
class Drop:
    """Dropout on area `source`, in place; `index` counts the net's dropout layers."""

    source: int
    rate: float
    index: int

    @property
    def scale(self) -> float:
        """What the values that live are multiplied with."""
        return 1 / (1 - self.rate)


Maker = Convolution | Pooling | Product  # reads area `source`, writes area `source + 1`
InPlace = Rectify | Drop
Step = Maker | InPlace


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
        return self.slots[-1].end

    @property
    def dropouts(self) -> int:
        return sum(isinstance(step, Drop) for step in self.steps)

    def in_place(self, area: int) -> tuple[InPlace, ...]:
        """What works in place on `area`, in forward order."""
        return tuple(step for step in self.steps if isinstance(step, InPlace) and step.source == area)

    def maker(self, area: int) -> Maker | None:
        """The step that writes `area`; none for the image."""
        return next((step for step in self.steps if isinstance(step, Maker) and step.source + 1 == area), None)

    def trained_before(self, area: int) -> bool:
        """Whether a gradient must flow back into `area`, because weights lie before it."""
        return any(isinstance(step, Convolution | Product) and step.source < area for step in self.steps)

    def rectified(self, area: int) -> bool:
        """Whether a ReLU worked on `area`, so that no gradient passes where its value is zero."""
        maker = self.maker(area)
        fused = isinstance(maker, Convolution | Product) and maker.rectify
        return fused or any(isinstance(step, Rectify) for step in self.in_place(area))

    def gradient_area(self, step: Convolution) -> Area:
        """The gradient of a convolution's own output, with the zeros around it that its input's gradient needs."""
        if not self.trained_before(step.source):
            return step.output
        (height, width), (top, left) = step.windows.size, step.windows.origin
        source, output = self.areas[step.source], step.output
        below, right = source.rows - output.rows + top, source.columns - output.columns + left
        return replace(output, border=Border(height - 1 - top, width - 1 - left, below, right))
