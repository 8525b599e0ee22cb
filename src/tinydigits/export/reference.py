"""The NumPy reference of an int8 net: the whole numbers that every export in C must give, bit for bit.

Sums are computed in float64, where whole numbers of this size are exact in any order.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinydigits.arrays import UInt8Images
from tinydigits.export.integers import VALUE_LIMIT, Integers, IntegerStage, per_output
from tinydigits.export.stages import Linear
from tinydigits.network.layers import AveragePooling2D, Dense, MaxPooling2D
from tinydigits.network.layers.windows import windows_of

# Images computed at once; more would only take more memory.
BATCH = 250


def scores(stages: tuple[IntegerStage, ...], images: UInt8Images) -> Integers:
    """Returns the scores of an int8 net, [n, classes]; the largest is the answer, and the first of equal ones.

    Args:
        images: uint8 [n, …] of as many pixels as the net takes.
    """
    return np.concatenate([scores_of_batch(stages, images[at : at + BATCH]) for at in range(0, len(images), BATCH)])


def scores_of_batch(stages: tuple[IntegerStage, ...], images: UInt8Images) -> Integers:
    values = images.reshape(len(images), *stages[0].stage.input_shape).astype(np.int64)
    for stage in stages:
        values = integer_stage(stage, values)
    return values.reshape(len(images), -1)


def integer_stage(stage: IntegerStage, values: Integers) -> Integers:
    """Returns the output of one stage: int [n, height, width, channels]."""
    if not isinstance(stage.stage.layer, Linear):
        return pooled(stage, values)
    totals = totals_of(stage, values)
    if stage.shifts is not None:
        totals = np.clip(totals >> stage.shifts, 0, VALUE_LIMIT)
    return np.maximum(totals, 0) if stage.stage.relu and stage.shifts is None else totals


def totals_of(stage: IntegerStage, values: Integers) -> Integers:
    """Returns bias · 2^bias_shift + Σ weight · value."""
    assert stage.weights is not None
    assert stage.bias is not None
    exact = np.float32 if stage.largest_total < 2**24 else np.float64
    assert isinstance(stage.stage.layer, Linear)
    layer = replace(stage.stage.layer, kernel=stage.weights.astype(exact), bias=None)
    x = values.sum(axis=(1, 2)) if stage.stage.mean else values - padding_of(stage)
    if isinstance(layer, Dense):
        sums = layer.forward(x.reshape(len(x), -1).astype(exact))[:, None, None, :]
    else:
        sums = layer.forward(x.astype(exact))
    return sums.astype(np.int64) + constant(stage)


def padding_of(stage: IntegerStage) -> int:
    """Windows that reach over the edge see the input's zero there: with it subtracted, that is 0."""
    return 0 if isinstance(stage.stage.layer, Dense) else stage.input.zero


def constant(stage: IntegerStage) -> Integers:
    """Returns what is added to the products of weights and `values − padding_of(stage)`."""
    assert stage.bias is not None
    assert stage.weights is not None
    zeros = padding_of(stage) * per_output(stage.weights, stage.stage.layer)
    return np.asarray((stage.bias << stage.bias_shift) + zeros, np.int64)


def pooled(stage: IntegerStage, values: Integers) -> Integers:
    """Returns the largest value of each window, or its mean, of which halves are rounded up."""
    layer = stage.stage.layer
    assert isinstance(layer, MaxPooling2D | AveragePooling2D)
    windows = windows_of(values, layer.pool_size, layer.strides, layer.padding, fill=0)
    if isinstance(layer, MaxPooling2D):
        return np.asarray(windows.max(axis=(4, 5)))
    area = layer.pool_size[0] * layer.pool_size[1]
    return np.asarray((windows.sum(axis=(4, 5)) + area // 2) // area)
