from dataclasses import replace

import pytest

from tinydigits.errors import RecipeError
from tinydigits.recipes.changes import changed, changes_between
from tinydigits.recipes.optimizers import SGD, OneCycle
from tinydigits.recipes.recipe import RECIPES

POCKET = RECIPES["pocket"]


def test_settings_are_named_with_dots_between():
    mine = changed(POCKET, {"epochs": 3, "optimizer.learning_rate.peak": 0.1, "augmentation.shift": 2.0})
    assert mine.epochs == 3
    assert mine.optimizer == replace(POCKET.optimizer, learning_rate=replace(POCKET.optimizer.learning_rate, peak=0.1))
    assert mine.augmentation == replace(POCKET.augmentation, shift=2.0)


def test_what_was_changed_is_found_again():
    changes = {"batch_size": 64, "optimizer.learning_rate.peak": 0.1, "averaging": 0.9}
    assert changes_between(POCKET, changed(POCKET, changes)) == changes
    assert changes_between(POCKET, POCKET) == {}


@pytest.mark.parametrize(
    "other",
    [
        replace(POCKET, model=RECIPES["mlp"].model),
        replace(POCKET, optimizer=SGD(0.1)),
        replace(POCKET, optimizer=replace(POCKET.optimizer, learning_rate=0.1)),
        replace(POCKET, augmentation=None),
    ],
)
def test_other_functions_and_kinds_are_no_changes_of_values(other):
    assert changes_between(POCKET, other) is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("speed", "no `speed`; expected one of name, model, optimizer"),
        ("optimizer.momentum", "no `momentum`; expected one of learning_rate, weight_decay"),
        ("epochs.first", "no `first`; expected a setting without parts"),
        ("", "no ``"),
    ],
)
def test_a_setting_that_there_is_not_is_refused(name, found):
    with pytest.raises(RecipeError, match="setting") as refused:
        changed(POCKET, {name: 1})
    assert found in str(refused.value)


def test_a_value_that_a_setting_cannot_have_is_refused():
    with pytest.raises(RecipeError, match="batch_size=0"):
        changed(POCKET, {"batch_size": 0})
    assert isinstance(POCKET.optimizer.learning_rate, OneCycle)
