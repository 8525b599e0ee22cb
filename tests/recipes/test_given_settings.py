import pytest

from tinydigits.errors import RecipeError
from tinydigits.recipes.given_settings import (
    given_values,
    label_of,
    one_value_each,
    refuse_epochs_twice,
    several_values,
    with_values,
)
from tinydigits.recipes.keras_recipe import KerasRecipe
from tinydigits.recipes.recipe import RECIPES

RATE = "optimizer.learning_rate"
CNN, POCKET = RECIPES["cnn"], RECIPES["pocket"]


def test_texts_become_values_each_once():
    texts = {RATE: ["0.1", "1e-1", " 0.2"], "averaging": ["none", "0.9"], "batch_size": ["32"]}
    assert given_values(CNN, texts) == {RATE: [0.1, 0.2], "averaging": [None, 0.9], "batch_size": [32]}


def test_a_setting_and_a_part_of_it_exclude_one_another():
    with pytest.raises(RecipeError, match=r"found `optimizer.learning_rate` and `optimizer.learning_rate.peak`"):
        given_values(POCKET, {RATE: ["0.1"], f"{RATE}.peak": ["0.2"]})


def test_values_and_their_texts_are_the_same():
    assert one_value_each(CNN, {RATE: 0.1, "averaging": None}) == one_value_each(
        CNN, {RATE: "0.1", "averaging": "none"}
    )
    assert several_values(CNN, {RATE: [0.1, 0.2]}) == several_values(CNN, {RATE: ("0.1", "0.2")})


def test_several_values_where_one_is_wanted_are_for_a_sweep():
    with pytest.raises(RecipeError, match=r"found `\[0.1, 0.2\]`; expected one value. `sweep` tries several values."):
        one_value_each(CNN, {RATE: [0.1, 0.2]})


@pytest.mark.parametrize("value", [0.1, "0.1"])
def test_one_value_where_several_are_wanted_is_no_list(value):
    with pytest.raises(RecipeError, match=r"found `0\.1`; expected a list of values"):
        several_values(CNN, {RATE: value})


def test_a_recipe_has_the_values_that_were_given_and_is_otherwise_the_same():
    mine = with_values(CNN, {RATE: 0.1, "epochs": 3})
    assert (mine.optimizer.learning_rate, mine.epochs, mine.model) == (0.1, 3, CNN.model)


def test_a_word_that_keras_does_not_know_is_refused():
    with pytest.raises(RecipeError, match=r"cnn, loss=nonsense.*nonsense"):
        with_values(CNN, {"loss": "nonsense"})


@pytest.mark.parametrize("setting", ["epochs", "batch_size"])
@pytest.mark.parametrize("recipe", [CNN, KerasRecipe("mine", "mine.keras", lambda: None, {})], ids=["ours", "Keras'"])
def test_a_number_that_cannot_be_trained_with_is_refused(recipe, setting):
    with pytest.raises(RecipeError, match=f"found {setting}=0; expected 1 or more"):
        with_values(recipe, {setting: 0})


def test_settings_in_words():
    assert label_of({RATE: 0.1, "averaging": None, "loss": "mse"}) == f"{RATE}=0.1, averaging=none, loss=mse"


def test_epochs_are_given_once():
    refuse_epochs_twice({"epochs": 3}, None)
    refuse_epochs_twice({RATE: 0.1}, 3, halving=True)
    with pytest.raises(RecipeError, match="found values for it and epochs=3; expected one or the other"):
        refuse_epochs_twice({"epochs": 3}, 3)
    with pytest.raises(RecipeError, match="found values for it and halving, which decides them"):
        refuse_epochs_twice({"epochs": 3}, None, halving=True)
