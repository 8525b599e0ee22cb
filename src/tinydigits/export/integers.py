"""An int8 net as plain data: what its whole numbers mean, and a bound of every sum.

A value q of a feature map, 0 to 255, means the real number scale · (q − zero). Weights are −127 to 127, symmetric, with
a scale for each output channel. Those scales are chosen so that a sum of products becomes the next map's value by a
shift alone:

    total = bias · 2^bias_shift + Σ weight · value          value of the next map = total >> shift, held in 0 to 255

`bias` contains the shift's rounding and both zero points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.export.stages import Stage
from tinydigits.network.layers import DepthwiseConv2D

Integers = NDArray[np.int64]
# Largest value of a feature map.
VALUE_LIMIT = 255


@dataclass(frozen=True)
class Scale:
    """What a map's values mean: scale · (q − zero)."""

    scale: float
    zero: int = 0


# The image: 0 to 255 means 0 to 1.
IMAGE = Scale(1 / 255)


@dataclass(frozen=True, eq=False)
class IntegerStage:
    """A stage in whole numbers.

    Attributes:
        stage: what it computes; its float weights are used no more.
        weights: int [*kernel shape], −127 to 127; None for a pooling.
        bias: int [outputs], in units of 2^bias_shift.
        shifts: int [outputs]; None for the last stage, whose totals are the scores.
        input: what its input means.
        output: what its output means.
    """

    stage: Stage
    input: Scale
    output: Scale
    weights: Integers | None = None
    bias: Integers | None = None
    bias_shift: int = 0
    shifts: Integers | None = None

    @property
    def largest_total(self) -> int:
        """A bound of |total| at every moment of the sum, whatever the image, proven from the weights."""
        if self.weights is None or self.bias is None:
            return VALUE_LIMIT * int(np.prod(self.stage.input_shape[:2]))
        values = VALUE_LIMIT * (int(np.prod(self.stage.input_shape[:2])) if self.stage.mean else 1)
        products = values * per_output(np.abs(self.weights), self.stage.layer)
        return int((np.abs(self.bias << self.bias_shift) + products).max())


def per_output(kernel: NDArray[Any], layer: object) -> NDArray[Any]:
    """Returns the sum of the weights of each output."""
    return np.asarray(kernel.sum(axis=axes_of(kernel, layer))).reshape(-1)


def axes_of(kernel: NDArray[Any], layer: object) -> tuple[int, ...]:
    """Returns the axes of a kernel along which weights belong to the same output."""
    return (0, 1) if isinstance(layer, DepthwiseConv2D) else tuple(range(kernel.ndim - 1))
