import pytest

from tinydigits.errors import RecipeError
from tinydigits.recipes.recipe import RECIPES
from tinydigits.scale.grid import combinations_of

RATE = "optimizer.learning_rate"
CNN = RECIPES["cnn"]


def test_the_last_setting_changes_fastest():
    found = combinations_of(CNN, {RATE: [0.01, 0.02], "batch_size": [32, 64]})
    assert [each.label for each in found] == [
        f"{RATE}=0.01, batch_size=32",
        f"{RATE}=0.01, batch_size=64",
        f"{RATE}=0.02, batch_size=32",
        f"{RATE}=0.02, batch_size=64",
    ]
    assert found[3].recipe.batch_size == 64
    assert found[3].recipe.optimizer.learning_rate == 0.02


def test_a_value_that_no_combination_can_be_trained_with_is_refused_at_once():
    with pytest.raises(RecipeError, match=r"epochs=0; expected 1 or more"):
        combinations_of(CNN, {"epochs": [1, 0], "batch_size": [32, 64]})
    with pytest.raises(RecipeError, match=r"cnn, loss=nonsense.*nonsense"):
        combinations_of(CNN, {"loss": ["mean_squared_error", "nonsense"]})


def test_a_combination_that_fails_alone_holds_its_error():
    choices = {"label_smoothing": [0.0, 0.1], "loss": ["mean_squared_error", "categorical_crossentropy"]}
    refused = [each.label for each in combinations_of(CNN, choices) if isinstance(each.recipe, RecipeError)]
    assert refused == ["label_smoothing=0.1, loss=mean_squared_error"]
