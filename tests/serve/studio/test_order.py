import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinydigits.recipes.optimizers import SGD, AdamW, OneCycle
from tinydigits.recipes.recipe import RECIPES
from tinydigits.serve.refusal import RefusalError
from tinydigits.serve.studio.operations import TRAIN
from tinydigits.serve.studio.order import order_from, order_of

SCHEMA = TRAIN["requestBody"]["content"]["application/json"]["schema"]


@pytest.mark.parametrize("name", RECIPES)
def test_what_is_left_out_is_as_the_recipe_has_it(name):
    order = order_from({"recipe": name})
    assert order.changed_recipe() == RECIPES[name]
    assert (order.seed, order.seeds) == (0, 1)


def test_settings_change_the_recipe():
    recipe = order_from({"recipe": "mlp", "epochs": 3, "batch_size": 64, "learning_rate": 0.5}).changed_recipe()
    assert (recipe.epochs, recipe.batch_size, recipe.optimizer) == (3, 64, SGD(0.5))


def test_a_rate_that_rises_and_falls_gets_another_peak():
    recipe = order_from({"recipe": "sprint", "learning_rate": 0.1}).changed_recipe()
    assert recipe.optimizer == AdamW(OneCycle(peak=0.1), weight_decay=RECIPES["sprint"].optimizer.weight_decay)


@pytest.mark.parametrize(
    ("document", "subject", "expected"),
    [
        ([], "body", "an object with recipe, epochs"),
        ({}, "recipe", "one of mlp, cnn"),
        ({"recipe": "nets.py:mine"}, "recipe", "one of mlp, cnn"),
        ({"recipe": ["mlp"]}, "recipe", "one of mlp, cnn"),
        ({"recipe": "mlp", "folder": "/etc"}, "body", "members of recipe, epochs"),
        ({"recipe": "mlp", "epochs": 0}, "epochs", "a whole number from 1 to 1,000"),
        ({"recipe": "mlp", "epochs": True}, "epochs", "a whole number"),
        ({"recipe": "mlp", "seeds": 33}, "seeds", "a whole number from 1 to 32"),
        ({"recipe": "mlp", "learning_rate": float("nan")}, "learning_rate", "a number above 0, 10 at most"),
        ({"recipe": "mlp", "learning_rate": "0.1"}, "learning_rate", "a number"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_words(document, subject, expected):
    with pytest.raises(RefusalError) as refused:
        order_from(document)
    assert refused.value.status == 400
    assert refused.value.subject == subject
    assert expected in refused.value.expected


VALUES = st.one_of(st.integers(-2, 5_000), st.floats(), st.booleans(), st.none(), st.sampled_from(["", *RECIPES]))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*SCHEMA["properties"], "other"]), VALUES))
def test_whatever_is_taken_is_what_the_document_of_the_api_allows(document):
    try:
        order_from(document)
    except RefusalError:
        return
    jsonschema.validate(document, SCHEMA)


WHOLE = {
    name: st.integers(schema["minimum"], schema["maximum"])
    for name, schema in SCHEMA["properties"].items()
    if schema.get("type") == "integer"
}


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {"recipe": st.sampled_from([*RECIPES])},
        optional={**WHOLE, "learning_rate": st.floats(0, 10, exclude_min=True)},
    )
)
def test_whatever_the_document_allows_is_taken(document):
    order = order_from(document)
    assert {name: getattr(order, name) for name in document} == document
    assert order_of(order.changed_recipe()).learning_rate == order.learning_rate
