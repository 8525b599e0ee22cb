"""The steps of a plan and the arrays between them; plain data.

Values are `[channels][rows][columns]` of vectors. What flows from one layer with weights, or pooling, to the next lives
in one `Area`; ReLU and dropout work on it in place.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinydigits.engine.compiler.weights import Slot

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
        depthwise: whether each channel is convolved on its own.
        output: of the convolution itself, before any pooling.
        slope: what negative outputs are multiplied with: 0 for ReLU, 1 where nothing follows.
    """

    source: int
    windows: Windows
    output: Area
    kernel: Slot
    bias: Slot | None
    depthwise: bool = False
    slope: float = 1.0
    pooling: Windows | None = None


@dataclass(frozen=True)
class Pooling:
    """The maximum over windows of area `source`, or with `average` the mean of what they see."""

    source: int
    windows: Windows
    average: bool = False


@dataclass(frozen=True)
class Product:
    """A dense layer over all of area `source`."""

    source: int
    kernel: Slot
    bias: Slot | None
    slope: float = 1.0


@dataclass(frozen=True)
class Normalization:
    """Batch normalisation of area `source`, channel by channel; `index` counts the net's normalisations.

    With `pooling`, ReLU and a maximum follow before anything is stored.
    """

    source: int
    index: int
    gamma: Slot
    beta: Slot
    mean: Slot
    variance: Slot
    epsilon: float
    momentum: float
    slope: float = 1.0
    pooling: Windows | None = None


@dataclass(frozen=True)
class Rectify:
    """Negative values of area `source` times `slope`, in place; 0 is ReLU."""

    source: int
    slope: float = 0.0


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


Weighted = Convolution | Product | Normalization
Maker = Weighted | Pooling  # reads area `source`, writes area `source + 1`
InPlace = Rectify | Drop
Step = Maker | InPlace
