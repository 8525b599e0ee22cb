"""The layers of a net as the C code computes them, with their weights in the order in which it reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.export.integers import IntegerStage
from tinydigits.export.stages import Stage
from tinydigits.network.layers import AveragePooling2D, Conv2D, Dense, DepthwiseConv2D, MaxPooling2D, Shape, pads_of
from tinydigits.network.layers.windows import Size

Numbers = NDArray[Any]
# Padding of a pooling for the largest value, in the float form: no value is less.
LOWEST = -3.4e38


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights in C's order, with biases and shifts; `shifts` is None where there are none."""

    weights: Numbers
    biases: Numbers
    bias_shift: int = 0
    shifts: Numbers | None = None


@dataclass(frozen=True, eq=False)
class Unit:
    """A row of the table of layers.

    Attributes:
        kind: the name of its function in C, in capitals.
        input_shape, output_shape: (height, width, channels), without padding, before halving.
        pads: ((above, below), (left, right)).
        padding: value of the padding.
        halve: of 2×2 outputs, only the largest is passed on.
        own: weights; None for a pooling.
        inner: weights of the depthwise half of a separable convolution.
    """

    kind: str
    input_shape: Shape
    output_shape: Shape
    window: Size
    strides: Size = (1, 1)
    pads: tuple[Size, Size] = ((0, 0), (0, 0))
    padding: float = 0
    relu: bool = False
    halve: bool = False
    own: Weights | None = None
    inner: Weights | None = None

    @property
    def padded(self) -> bool:
        return self.pads != ((0, 0), (0, 0))

    @property
    def whole(self) -> bool:
        """Whether it needs the whole map before its first output."""
        return self.kind in ("DENSE", "MEAN")


def integer_units(stages: Sequence[IntegerStage]) -> tuple[Unit, ...]:
    """Returns the units of an int8 net."""
    return joined([unit_of(each.stage, integer_weights(each), each.input.zero, 0) for each in stages])


def float_units(stages: Sequence[Stage]) -> tuple[Unit, ...]:
    """Returns the units of a float net."""
    return joined([unit_of(stage, float_weights(stage), 0, LOWEST) for stage in stages])


def joined(units: list[Unit]) -> tuple[Unit, ...]:
    """Returns the units with neighbours made one where C has a function for both."""
    done: list[Unit] = []
    for unit in units:
        if done and makes_separable(done[-1], unit):
            done[-1] = replace(
                done[-1],
                kind="SEPARABLE",
                output_shape=unit.output_shape,
                relu=unit.relu,
                own=unit.own,
                inner=done[-1].own,
            )
        elif done and can_halve(done[-1], unit):
            done[-1] = replace(done[-1], halve=True)
        else:
            done.append(unit)
    return tuple(done)


def makes_separable(first: Unit, then: Unit) -> bool:
    """Whether a depthwise convolution of 3×3 is followed by one of 1×1."""
    one_filter_each = first.input_shape[2] == first.output_shape[2]
    depthwise = first.kind == "DEPTHWISE" and first.window == (3, 3) and first.strides == (1, 1) and not first.relu
    pointwise = then.kind == "CONVOLVE" and then.window == (1, 1) and then.strides == (1, 1)
    return depthwise and one_filter_each and pointwise


def can_halve(first: Unit, then: Unit) -> bool:
    """Whether a convolution is followed by the largest of each 2×2, without padding."""
    pooling = then.kind == "MAXIMUM" and then.window == then.strides == (2, 2) and not then.padded
    return pooling and first.kind in ("CONVOLVE", "SEPARABLE") and not first.halve


def unit_of(stage: Stage, own: Weights | None, zero: int, lowest: float) -> Unit:
    """Returns the unit of one stage.

    Args:
        zero: padding of a convolution.
        lowest: padding of a pooling for the largest value.
    """
    layer = stage.layer
    if isinstance(layer, Dense):
        kind = "MEAN" if stage.mean else "DENSE"
        return Unit(kind, stage.input_shape, stage.output_shape, (1, 1), relu=stage.relu, own=own)
    window = layer.kernel_size if isinstance(layer, Conv2D) else layer.pool_size
    pads = pads_of(stage.input_shape, window, layer.strides, layer.padding)
    padding = zero if isinstance(layer, Conv2D) else lowest
    return Unit(
        kind_of(layer),
        stage.input_shape,
        stage.output_shape,
        window,
        layer.strides,
        pads,
        padding,
        relu=stage.relu,
        own=own,
    )


def kind_of(layer: Conv2D | MaxPooling2D | AveragePooling2D) -> str:
    if isinstance(layer, MaxPooling2D):
        return "MAXIMUM"
    if isinstance(layer, AveragePooling2D):
        return "AVERAGE"
    return "DEPTHWISE" if isinstance(layer, DepthwiseConv2D) else "CONVOLVE"


def integer_weights(stage: IntegerStage) -> Weights | None:
    if stage.weights is None or stage.bias is None:
        return None
    return Weights(ordered(stage.weights, stage.stage), stage.bias, stage.bias_shift, stage.shifts)


def float_weights(stage: Stage) -> Weights | None:
    if isinstance(stage.layer, MaxPooling2D | AveragePooling2D):
        return None
    kernel = stage.layer.kernel
    if stage.mean:
        kernel = kernel / np.float32(np.prod(stage.input_shape[:2]))
    assert stage.layer.bias is not None
    return Weights(ordered(kernel, stage), stage.layer.bias)


def ordered(kernel: Numbers, stage: Stage) -> Numbers:
    """Returns the weights in C's order: [outputs, …] of a window; of a dense layer [rows, units, values of a row]."""
    height, width, channels = stage.input_shape
    if stage.mean:
        return kernel.T
    if isinstance(stage.layer, Dense):
        return kernel.reshape(height, width * channels, -1).transpose(0, 2, 1)
    if isinstance(stage.layer, DepthwiseConv2D):
        return kernel.transpose(2, 3, 0, 1).reshape(-1, *kernel.shape[:2])
    return kernel.transpose(3, 0, 1, 2)
