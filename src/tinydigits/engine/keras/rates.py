"""The optimiser's numbers for the steps of one epoch, as Keras itself would have them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits.engine.compiler.weights import Floats
from tinydigits.engine.runtime.job import RuleNumbers
from tinydigits.formats.keras_bridge import array

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
    """Of every step, or where a schedule decides, of each: Keras asks it for the steps taken before the update.

    A schedule is mapped over all steps at once where it can be: asked one by one it may take longer than the training.
    It cannot be where it decides by Python's own `if`.
    """
    from keras import ops
    from keras.optimizers.schedules import LearningRateSchedule

    schedule = optimizer._learning_rate
    if not isinstance(schedule, LearningRateSchedule):
        return float(array(optimizer.learning_rate))
    which = ops.convert_to_tensor(np.arange(iterations, iterations + steps), dtype=optimizer.iterations.dtype)
    try:
        rates = np.asarray(ops.convert_to_numpy(mapped(optimizer, schedule)(which)), np.float32)
    except Exception:  # each backend has its own way to say that it cannot
        rates = np.empty(0, np.float32)
    if rates.shape == (steps,):
        return rates
    return np.array([float(ops.convert_to_numpy(schedule(step))) for step in which], np.float32)


@lru_cache(maxsize=1)
def mapped(
    optimizer: keras.optimizers.Optimizer,  # another optimiser traces anew, as Keras does
    schedule: keras.optimizers.schedules.LearningRateSchedule,
) -> Callable[[Any], Any]:
    """`schedule`, of many steps at once; for TensorFlow traced a single time, which takes as long as a short epoch."""
    import keras

    of_all = partial(keras.ops.vectorized_map, schedule)
    if keras.backend.backend() != "tensorflow":
        return of_all
    import tensorflow as tf

    traced: Callable[[Any], Any] = tf.function(of_all)
    return traced
