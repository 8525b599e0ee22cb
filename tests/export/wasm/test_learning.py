"""The page trains as the recipe in a model's metadata says."""

import pytest

from tinydigits.export.wasm.learning import Learning, learning_from
from tinydigits.recipes.recipe import RECIPES


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_shipped_recipe_is_followed(recipe):
    learning = learning_from(recipe.as_json())
    assert (learning.epochs, learning.batch_size) == (recipe.epochs, recipe.batch_size)
    assert learning.augmentation == recipe.augmentation
    assert learning.smoothing == recipe.label_smoothing
    assert learning.numbers["weight_decay"] == getattr(recipe.optimizer, "weight_decay", 0)


def test_rules_and_rates_are_those_of_the_recipe():
    cnn, mlp, pocket = (learning_from(RECIPES[name].as_json()) for name in ("cnn", "mlp", "pocket"))
    assert (cnn.loss, cnn.rule, cnn.rate) == ("mean_squared_error", "adam", 0.001)
    assert (mlp.loss, mlp.rule, mlp.rate) == ("mean_squared_error", "sgd", 0.01)
    assert (pocket.loss, pocket.rule, pocket.rate) == ("cross_entropy", "adam", {"peak": 0.02, "warm_up": 0.15})


@pytest.mark.parametrize(
    ("options", "rule"),
    [({"momentum": 0.9}, "momentum"), ({"momentum": 0.9, "nesterov": True}, "nesterov"), ({"momentum": 0.0}, "sgd")],
)
def test_momentum_is_kept(options, rule):
    recipe = {**RECIPES["mlp"].as_json(), "optimizer": {"name": "SGD", "learning_rate": 0.1, **options}}
    learning = learning_from(recipe)
    assert learning.rule == rule
    assert learning.numbers.get("momentum", 0) == (0.0 if rule == "sgd" else 0.9)


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": {"class_name": "Huber"}},
        {"loss": "hinge"},
        {"optimizer": {"name": "Lion", "learning_rate": 0.1}},
        {"optimizer": {"name": "Adam", "learning_rate": {"class_name": "ExponentialDecay"}}},
        {"augmentation": {"colour": 1}},
        {"augmentation": {"rotation": -1}},
        {"epochs": None},
    ],
)
def test_what_the_page_cannot_follow_is_trained_by_the_defaults(changes):
    assert learning_from({**RECIPES["cnn"].as_json(), **changes}) == Learning()


@pytest.mark.parametrize("recipe", [None, {}])
def test_a_net_without_a_recipe_is_trained_by_the_defaults(recipe):
    assert learning_from(recipe) == Learning()


def test_gentle_epochs_have_smaller_amplitudes():
    settings = learning_from(RECIPES["pocket"].as_json()).as_json()["augmentation"]
    assert settings["gentle_epochs"] == 16
    assert settings["gentle"][0] == pytest.approx(settings["full"][0] / 2, abs=1)
    assert settings["full"][0] > 0
