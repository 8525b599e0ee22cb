from dataclasses import FrozenInstanceError, replace

import pytest

from tinydigits.errors import RecipeError
from tinydigits.recipes import RECIPES, recipe_named


def test_a_recipe_is_frozen():
    with pytest.raises(FrozenInstanceError):
        RECIPES["cnn"].epochs = 6


def test_an_unknown_name_is_refused_with_the_known_ones():
    assert recipe_named("cnn") is RECIPES["cnn"]
    with pytest.raises(RecipeError, match=r"`resnet`; expected one of mlp, cnn"):
        recipe_named("resnet")


@pytest.mark.parametrize("setting", ["epochs", "batch_size"])
def test_a_setting_below_one_is_refused(setting):
    with pytest.raises(RecipeError, match=f"{setting}=0"):
        replace(RECIPES["cnn"], **{setting: 0})


def test_settings_are_written_by_name():
    assert RECIPES["cnn"].as_json() == {
        "name": "cnn",
        "model": "cnn",
        "optimizer": {"name": "Adam", "learning_rate": 0.001},
        "loss": "mean_squared_error",
        "batch_size": 32,
        "epochs": 5,
    }
