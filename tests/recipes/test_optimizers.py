import math

import pytest

from tinydigits.errors import RecipeError
from tinydigits.recipes.optimizers import SGD, Adam, AdamW, OneCycle, described


def test_the_defaults_are_keras_own():
    assert (SGD().learning_rate, Adam().learning_rate) == (0.01, 0.001)
    assert AdamW() == AdamW(0.001, 0.004)


@pytest.mark.parametrize("value", [-1e-9, math.inf, -math.inf, math.nan, -1])
def test_a_rate_or_a_decay_that_is_no_finite_number_from_zero_on_is_refused(value):
    for kind in (SGD, Adam, AdamW):
        kind(0)
        with pytest.raises(
            RecipeError, match=f"{kind.__name__}: found learning_rate={value}; expected a finite number"
        ):
            kind(value)
    with pytest.raises(RecipeError, match=f"AdamW: found weight_decay={value}"):
        AdamW(weight_decay=value)
    with pytest.raises(RecipeError, match=f"OneCycle: found peak={value}"):
        OneCycle(value)


def test_a_warm_up_is_a_part_of_all_steps_and_never_the_whole():
    assert OneCycle(0.1).warm_up == 0.15
    for whole in (0, 0.999):
        OneCycle(0.1, whole)
    for warm_up in (-0.001, 1, 2):
        with pytest.raises(RecipeError, match=f"warm_up={warm_up}; expected 0 or more, below 1"):
            OneCycle(0.1, warm_up)


def test_a_rate_may_be_a_schedule_and_is_described_with_its_own_settings():
    assert described(AdamW(OneCycle(0.02, 0.25))) == {
        "name": "AdamW",
        "learning_rate": {"name": "OneCycle", "peak": 0.02, "warm_up": 0.25},
        "weight_decay": 0.004,
    }
    assert described(SGD()) == {"name": "SGD", "learning_rate": 0.01}
