"""The optimiser's numbers for the steps of one epoch, as Keras itself would have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinydigits.engine.program import RuleNumbers
from tinydigits.engine.weights import Floats
from tinydigits.keras_bridge import array

if TYPE_CHECKING:
    import keras

NAMES = ("momentum", "beta_1", "beta_2", "epsilon")


def read_rule_numbers(optimizer: keras.optimizers.Optimizer, iterations: int, steps: int) -> RuleNumbers:
    """The numbers as they are now: callbacks may change the learning rate between epochs.

    Args:
        iterations: steps taken before these.
        steps: how many follow.
    """
    return RuleNumbers(
        learning_rate=learning_rate(optimizer, iterations, steps),
        weight_decay=float(optimizer.weight_decay or 0),
        averaging=float(optimizer.ema_momentum),
        **{name: float(getattr(optimizer, name)) for name in NAMES if hasattr(optimizer, name)},
    )


def learning_rate(optimizer: keras.optimizers.Optimizer, iterations: int, steps: int) -> float | Floats:
    """Of every step, or where a schedule decides, of each: Keras asks it for the steps taken before the update."""
    from keras.optimizers.schedules import LearningRateSchedule

    if not isinstance(optimizer._learning_rate, LearningRateSchedule):
        return float(array(optimizer.learning_rate))
    return scheduled(optimizer._learning_rate, np.arange(iterations, iterations + steps), optimizer.iterations.dtype)


def scheduled(
    schedule: keras.optimizers.schedules.LearningRateSchedule,
    steps: np.ndarray[tuple[int], np.dtype[np.int64]],
    dtype: str,
) -> Floats:
    """What `schedule` says for each of `steps`, whose type is `dtype` for Keras; float32 `[steps]`.

    Asked one by one it may take longer than the training itself, so it is mapped over all of them where it can be:
    not where it decides by Python's own `if`.
    """
    from keras import ops

    tensor = ops.convert_to_tensor(steps, dtype=dtype)
    try:
        rates = np.asarray(ops.convert_to_numpy(ops.vectorized_map(schedule, tensor)), np.float32)
    except Exception:  # each backend has its own way to say that it cannot
        rates = np.empty(0, np.float32)
    if rates.shape == steps.shape:
        return rates
    return np.array([float(ops.convert_to_numpy(schedule(step))) for step in tensor], np.float32)
