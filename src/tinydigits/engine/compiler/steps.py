"""The steps of a plan, and the arrays between them; plain data.

Values are vectors `[channels][rows][columns]`. Each layer with weights and each pooling writes one `Area`. ReLU and
dropout change an area in place.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinydigits.engine.compiler.weights import Slot

Pair = tuple[int, int]


@dataclass(frozen=True)
class Border:
    """Zeros around an area: the number of rows above and below it, and of columns left and right of it."""

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
        """Distance between two rows, in vectors."""
        return self.border.left + self.columns + self.border.right

    @property
    def channel(self) -> int:
        """Distance between two channels, in vectors."""
        return (self.border.top + self.rows + self.border.bottom) * self.row

    @property
    def size(self) -> int:
        """Number of vectors, border included."""
        return self.channels * self.channel

    @property
    def start(self) -> int:
        """Position of the first value after the border."""
        return self.border.top * self.row + self.border.left

    @property
    def values(self) -> int:
        """Number of values, without the border."""
        return self.channels * self.rows * self.columns


@dataclass(frozen=True)
class Windows:
    """Windows on an area: their size, the distance between them, and how far outside the first begins."""

    size: Pair
    strides: Pair
    origin: Pair

    def tile(self, source: Area, output: Area) -> bool:
        """Returns whether the windows of `output` lie side by side inside `source`."""
        inside = output.rows * self.size[0] <= source.rows and output.columns * self.size[1] <= source.columns
        return inside and self.size == self.strides and self.origin == (0, 0)


@dataclass(frozen=True)
class Convolution:
    """Convolution of area `source`. With `pooling`, ReLU and max pooling are part of the step.

    Attributes:
        depthwise: whether each channel is convolved alone.
        output: the output of the convolution, before any pooling.
        slope: factor of negative outputs: 0 for ReLU, 1 without a rectifier.
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
    """Max pooling of area `source`; with `average`, average pooling."""

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
    """Batch normalisation of area `source`, per channel; `index` counts the net's batch normalisations.

    With `pooling`, ReLU and max pooling are part of the step.
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
    """Multiplies negative values of area `source` by `slope`, in place; 0 is ReLU."""

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
        """Factor of the values that are kept."""
        return 1 / (1 - self.rate)


Weighted = Convolution | Product | Normalization
Maker = Weighted | Pooling  # reads area `source`, writes area `source + 1`
InPlace = Rectify | Drop
Step = Maker | InPlace
