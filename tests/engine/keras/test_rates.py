"""The learning rates of an epoch: Keras' own numbers, one a step."""

import keras
import numpy as np
import pytest

from tinydigits.engine.keras.rates import read_rule_numbers

schedules = keras.optimizers.schedules


class Triangle(schedules.LearningRateSchedule):
    """Of a user's own; up, then down."""

    def __call__(self, step):
        part = keras.ops.cast(step, "float32") / 20
        return 0.1 * keras.ops.where(part < 1, part, keras.ops.maximum(0.0, 2 - part))


class Steps(schedules.LearningRateSchedule):
    """Decides by Python's own `if`, and so can be asked for one step at a time only."""

    def __call__(self, step):
        return 0.25 if int(step) < 7 else 0.125


class Average(schedules.LearningRateSchedule):
    """Would say something else of many steps at once."""

    def __call__(self, step):
        return 0.01 * keras.ops.mean(keras.ops.cast(step, "float32"))


SCHEDULES = [
    schedules.CosineDecay(0.1, 30, alpha=0.01),
    schedules.CosineDecay(0.0, 25.5, warmup_target=0.02, warmup_steps=4.5),
    schedules.CosineDecayRestarts(0.1, 9),
    schedules.PiecewiseConstantDecay([3, 20], [0.1, 0.05, 0.01]),
    schedules.ExponentialDecay(0.1, 10, 0.9),
    schedules.ExponentialDecay(0.1, 10, 0.9, staircase=True),
    schedules.PolynomialDecay(0.1, 15, cycle=True),
    schedules.InverseTimeDecay(0.1, 10, 0.5),
    Triangle(),
    Average(),
]
STEPS = 50


def rates_of_keras_fit(schedule):
    """What Keras' own `fit` multiplies a gradient of 1 with, step by step."""
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1, "linear", False, "zeros")])
    model.compile(keras.optimizers.SGD(schedule), lambda targets, outputs: -outputs)
    rates, zero = [], [np.zeros((1, 1), np.float32)]

    def note(batch, logs):
        rates.append(model.get_weights()[0][0, 0])
        model.set_weights(zero)

    ones = np.ones((STEPS, 1), np.float32)
    noting = keras.callbacks.LambdaCallback(on_train_batch_end=note)
    model.fit(ones, ones, batch_size=1, verbose=0, callbacks=[noting])
    return rates


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: type(schedule).__name__)
def test_each_step_has_the_rate_that_keras_fit_takes_it_with(schedule):
    expected = rates_of_keras_fit(schedule)
    for first in (0, 11):
        rates = read_rule_numbers(keras.optimizers.SGD(schedule), first, STEPS - first).rates(STEPS - first)
        assert rates.dtype == np.float32
        np.testing.assert_allclose(rates, expected[first:], rtol=2e-6, atol=1e-8)


def test_a_schedule_that_knows_one_step_at_a_time_is_asked_one_by_one():
    rates = read_rule_numbers(keras.optimizers.SGD(Steps()), 4, 5).rates(5)
    np.testing.assert_array_equal(rates, [0.25, 0.25, 0.25, 0.125, 0.125])


def test_a_constant_rate_is_that_of_every_step():
    rates = read_rule_numbers(keras.optimizers.Adam(0.25), 5, 3).rates(3)
    np.testing.assert_array_equal(rates, np.full(3, 0.25, np.float32))
