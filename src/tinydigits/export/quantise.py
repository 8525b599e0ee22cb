"""Turns the stages of a net into whole numbers of 8 bits, with training images that show how large values become."""

from __future__ import annotations

import numpy as np

from tinydigits.arrays import AnyFloats, UInt8Images
from tinydigits.data.dataset import scaled
from tinydigits.errors import ModelError
from tinydigits.export.integers import IMAGE, VALUE_LIMIT, Integers, IntegerStage, Scale, axes_of, per_output
from tinydigits.export.reference import integer_stage
from tinydigits.export.stages import Linear, Stage
from tinydigits.network.layers import DepthwiseConv2D

# Number of training images from which scales are chosen.
CALIBRATION_IMAGES = 512
# Shares of the largest value at which the range of a map is tried to end.
SHARES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55)
WEIGHT_LIMIT = 127
# Largest shift; a total of 32 bits has nothing beyond.
SHIFT_LIMIT = 24
# Most that an output's shift may be beyond the middle one of its stage. An output with hardly any weights would ask for
# far more; its bias, at that scale, would leave no bits for the other outputs' biases, which share one shift.
SHIFT_SPREAD = 4
INT16_LIMIT = 2**15 - 1
INT32_LIMIT = 2**31 - 1


def quantise(stages: tuple[Stage, ...], images: UInt8Images) -> tuple[IntegerStage, ...]:
    """Returns the stages in whole numbers.

    Args:
        images: uint8 [n, …], training images.

    Raises:
        ModelError: a weight is no finite number, or totals would leave 32 bits.
    """
    values = images.reshape(len(images), *stages[0].input_shape).astype(np.int64)
    exact = scaled(images).reshape(values.shape)
    meaning, done = IMAGE, []
    for stage in stages[:-1]:
        exact = stage.forward(exact)
        done.append(nearest(stage, meaning, values, exact))
        values, meaning = integer_stage(done[-1], values), done[-1].output
    done.append(scores_stage(stages[-1], meaning))
    for number, each in enumerate(done):
        check(each, number)
    return tuple(done)


def nearest(stage: Stage, meaning: Scale, values: Integers, exact: AnyFloats) -> IntegerStage:
    """Returns the stage with the output scale that brings its outputs nearest to the exact ones."""
    if not isinstance(stage.layer, Linear):
        return IntegerStage(stage, meaning, meaning)
    choices = [with_scales(stage, meaning, output) for output in output_scales(stage, exact)]
    errors = [np.square(real(integer_stage(each, values), each.output) - exact).mean() for each in choices]
    return choices[int(np.argmin(errors))]


def output_scales(stage: Stage, exact: AnyFloats) -> list[Scale]:
    low, high = (0.0, float(exact.max())) if stage.relu else (min(float(exact.min()), 0.0), float(exact.max()))
    finite = np.isfinite(high - low)
    if not finite:
        raise ModelError("net", found="outputs that are not numbers", expected="finite weights", fix="Train it again.")
    width = max(high - low, 1e-6)
    return [Scale(share * width / VALUE_LIMIT, round(-low / width * VALUE_LIMIT)) for share in SHARES]


def real(values: Integers, meaning: Scale) -> AnyFloats:
    return (values - meaning.zero) * meaning.scale


def with_scales(stage: Stage, meaning: Scale, output: Scale) -> IntegerStage:
    """Returns the stage in whole numbers for given scales of its input and output."""
    kernel, bias = weights_of(stage)
    factors = kernel * (meaning.scale / output.scale)
    largest = np.maximum(np.abs(factors).max(axis=axes_of(factors, stage.layer)).reshape(-1), 1e-30)
    shifts = np.clip(np.floor(np.log2(WEIGHT_LIMIT / largest)), 0, SHIFT_LIMIT).astype(np.int64)
    shifts = np.minimum(shifts, int(np.median(shifts)) + SHIFT_SPREAD)
    weights = rounded(factors * np.exp2(along_outputs(shifts, stage.layer)))
    weights = np.clip(weights, -WEIGHT_LIMIT, WEIGHT_LIMIT)
    totals = (bias / output.scale + output.zero + 0.5) * np.exp2(shifts)
    return with_bias(stage, meaning, output, weights, totals, shifts)


def scores_stage(stage: Stage, meaning: Scale) -> IntegerStage:
    """Returns the last stage, whose totals are the scores: one scale for all outputs, so that scores compare."""
    kernel, bias = weights_of(stage)
    scale = max(float(np.abs(kernel).max()), 1e-30) / WEIGHT_LIMIT
    area = int(np.prod(stage.input_shape[:2])) if stage.mean else 1
    output = Scale(scale * meaning.scale / area)
    return with_bias(stage, meaning, output, rounded(kernel / scale), bias / output.scale, None)


def with_bias(
    stage: Stage, meaning: Scale, output: Scale, weights: Integers, totals: AnyFloats, shifts: Integers | None
) -> IntegerStage:
    """Returns the stage with `totals`, and what the input's zero adds to them, as a bias of 16 bits and its shift."""
    area = int(np.prod(stage.input_shape[:2])) if stage.mean else 1
    wanted = totals - area * meaning.zero * per_output(weights, stage.layer)
    shift = max(int(np.ceil(np.log2(max(np.abs(wanted).max(), 1) / INT16_LIMIT))), 0)
    return IntegerStage(stage, meaning, output, weights, rounded(wanted / 2.0**shift), shift, shifts)


def weights_of(stage: Stage) -> tuple[AnyFloats, AnyFloats]:
    """Returns kernel and bias, float64."""
    layer = stage.layer
    assert isinstance(layer, Linear)
    assert layer.bias is not None
    return layer.kernel.astype(np.float64), layer.bias.astype(np.float64)


def rounded(values: AnyFloats) -> Integers:
    """Returns the nearest whole numbers; halves go up."""
    return np.asarray(np.floor(values + 0.5), np.int64)


def along_outputs(numbers: Integers, layer: object) -> Integers:
    """Returns one number per output in a shape that multiplies the kernel."""
    shape = layer.kernel.shape[2:] if isinstance(layer, DepthwiseConv2D) else numbers.shape
    return np.asarray(np.reshape(numbers, shape))


def check(stage: IntegerStage, number: int) -> None:
    """Raises ModelError unless every total stays within 32 bits, whatever the image."""
    if stage.largest_total > INT32_LIMIT:
        raise ModelError(
            f"stage {number} ({type(stage.stage.layer).__name__})",
            found=f"sums of up to {stage.largest_total:,}",
            expected=f"at most {INT32_LIMIT:,}, so that 32 bits hold them",
            fix="Use fewer units, or export the float form.",
        )
