import pytest
from hypothesis import given
from hypothesis import strategies as some

from tinydigits.errors import RecipeError
from tinydigits.recipes.changes import changed
from tinydigits.recipes.keras_recipe import KerasRecipe
from tinydigits.recipes.recipe import RECIPES
from tinydigits.recipes.settings import arrow_types, settings_of, value_from

RATE = "optimizer.learning_rate"
CNN, POCKET = RECIPES["cnn"], RECIPES["pocket"]
KERAS = KerasRecipe("mine", "mine.keras", lambda: None, {})


def test_settings_have_the_names_of_their_fields_joined_by_dots():
    found = settings_of(POCKET)
    assert found["optimizer.learning_rate.peak"] == 0.02
    assert found["optimizer.weight_decay"] == 0.02
    assert found["augmentation.gentle_epochs"] == 16
    assert (found["epochs"], found["loss"], found["averaging"]) == (80, "categorical_crossentropy", None)
    assert "name" not in found
    assert settings_of(KERAS) == {"epochs": 5, "batch_size": 32}


def test_a_recipe_without_augmentation_has_its_settings_off():
    assert settings_of(CNN)["augmentation.rotation"] == 0
    assert changed(CNN, {"augmentation.rotation": 0.1}).augmentation.rotation == 0.1
    assert CNN.augmentation is None


def test_settings_change_together_and_leave_the_rest_alone():
    together = {"label_smoothing": 0.1, "loss": "categorical_crossentropy", RATE: 0.5}
    mine = changed(CNN, together)
    assert {name: settings_of(mine)[name] for name in together} == together
    others = {name: value for name, value in settings_of(CNN).items() if name not in together}
    assert {name: settings_of(mine)[name] for name in others} == others
    with pytest.raises(RecipeError):
        changed(CNN, {"label_smoothing": 0.1})


def test_a_schedule_can_be_changed_or_replaced_by_a_number():
    assert changed(POCKET, {f"{RATE}.peak": 0.5}).optimizer.learning_rate.peak == 0.5
    assert settings_of(POCKET)[RATE] is None
    assert changed(POCKET, {RATE: 0.5}).optimizer.learning_rate == 0.5


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "optimizer.learningrate",
            "1",
            "found `optimizer.learningrate`; expected one of optimizer.learning_rate, epochs",
        ),
        ("name", "x", "found `name`; expected one of"),
        ("optimizer", "Adam", "found `optimizer`; expected one of"),
        (RATE, "fast", "found `fast`; expected a finite number"),
        (RATE, "nan", "found `nan`; expected a finite number"),
        (RATE, "inf", "found `inf`; expected a finite number"),
        ("epochs", "1.5", "found `1.5`; expected a whole number"),
        ("averaging", "some", "found `some`; expected a finite number, or none"),
        ("batch_size", "none", "found `none`; expected a whole number"),
    ],
)
def test_what_is_no_setting_or_no_value_is_named(name, text, message):
    with pytest.raises(RecipeError, match="expected") as error:
        value_from(CNN, name, text)
    assert message in str(error.value)


def test_a_near_name_is_told():
    with pytest.raises(RecipeError, match=r"`optimizer.learning_rate` is near\."):
        value_from(CNN, "learning_rate", "1")


@given(some.floats(0, 1e6), some.integers(1, 10_000))
def test_a_number_that_is_written_is_the_number_that_is_read(rate, size):
    assert value_from(CNN, RATE, repr(rate)) == rate
    assert value_from(CNN, "batch_size", str(size)) == size


@pytest.mark.parametrize("recipe", [*RECIPES.values(), KERAS], ids=lambda recipe: recipe.name)
def test_every_setting_has_a_type_and_the_same_in_all_recipes(recipe):
    types = arrow_types(recipe)
    assert list(types) == list(settings_of(recipe))
    known = arrow_types(CNN) | arrow_types(POCKET)
    assert types.items() <= known.items()


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("name", [RATE, f"{RATE}.peak", "optimizer.weight_decay"])
def test_a_rate_that_is_no_finite_number_from_0_on_is_refused(rate, name):
    with pytest.raises(RecipeError, match="expected a finite number, 0 or more"):
        changed(POCKET, {name: rate})
