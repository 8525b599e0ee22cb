from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

from tinydigits.data.dataset import Splits
from tinydigits.recipes.identity import beginning, data_hash
from tinydigits.recipes.keras_recipe import KerasRecipe
from tinydigits.recipes.recipe import RECIPES, Adam, Recipe
from tinydigits.recipes.trial import try_out
from tinydigits.training.unsaved import seeded_model

CNN = RECIPES["cnn"]


def begun(recipe, seed=0, data="data"):
    return beginning(recipe, seeded_model(recipe, seed, 100), seed, data, "tensorflow")


def identity(recipe, seed=0, data="data", engine="native"):
    return begun(recipe, seed, data).identity(engine)


def test_pixels_count_where_they_are_not_what_the_model_says():
    model = seeded_model(CNN, 0, 100)
    said, same, other = (beginning(CNN, model, 0, "data", "tensorflow", each) for each in (None, "0-1", "0-255"))
    assert said.identity("native") == same.identity("native") != other.identity("native")


def small(*middle, name=None):
    return keras.Sequential([layers.Input((28, 28, 1)), *middle, layers.Flatten(), layers.Dense(10)], name=name)


def of(build, **settings):
    """A recipe of a model that its user compiled."""

    def compiled():
        model = build()
        model.compile(**{"optimizer": "sgd", "loss": "mse", "metrics": ["accuracy"], **settings})
        return model

    try_out(compiled, "x", trial=False)
    return KerasRecipe("x", "x", compiled, {})


def test_the_same_content_is_the_same_run_however_often_it_is_built():
    assert identity(CNN) == identity(CNN)
    assert len(identity(CNN)) == 64


def test_names_do_not_matter():
    assert identity(replace(CNN, name="other")) == identity(CNN)
    assert identity(Recipe("x", lambda: small(name="a"), CNN.optimizer, 1)) == identity(
        Recipe("y", lambda: small(name="b"), CNN.optimizer, 1)
    )


def functional(reuse_first=False):
    first = layers.Input((28, 28))
    second = layers.Dense(28)(first)
    third = layers.Dense(28)(second)
    together = layers.Add()([first if reuse_first else second, third])
    return keras.Model(first, layers.Dense(10)(layers.Flatten()(together)))


def test_names_that_keras_counts_up_do_not_matter_and_what_they_connect_does():
    assert identity(of(functional)) == identity(of(functional))
    assert identity(of(functional)) != identity(of(lambda: functional(reuse_first=True)))


@pytest.mark.parametrize(
    "other",
    [
        replace(CNN, epochs=4),
        replace(CNN, batch_size=16),
        replace(CNN, optimizer=Adam(0.002)),
        replace(CNN, loss="categorical_crossentropy"),
        replace(CNN, model=RECIPES["mlp"].model),
    ],
    ids=["epochs", "batch size", "learning rate", "loss", "model"],
)
def test_every_setting_matters(other):
    assert identity(other) != identity(CNN)


def test_seed_data_engine_and_versions_matter(monkeypatch):
    others = {identity(CNN, seed=1), identity(CNN, data="more"), identity(CNN, engine="keras")}
    monkeypatch.setattr("tinydigits.recipes.identity.training_versions", lambda backend: {"keras": "0"})
    others.add(identity(CNN))
    monkeypatch.undo()
    assert len(others | {identity(CNN)}) == 5


def test_python_and_the_hardware_do_not_matter(monkeypatch):
    before = identity(CNN)
    monkeypatch.setattr("tinydigits.system.versions.hardware", lambda: "another")
    monkeypatch.setattr("tinydigits.system.versions.platform.python_version", lambda: "4")
    assert identity(CNN) == before


@pytest.mark.parametrize(
    "other",
    [
        of(small, optimizer=keras.optimizers.SGD(0.5)),
        of(small, loss="categorical_crossentropy"),
        of(lambda: small(layers.ReLU())),
    ],
    ids=["optimiser", "loss", "layer"],
)
def test_what_a_user_compiled_matters(other):
    assert identity(other) not in (None, identity(of(small)))


def test_the_number_format_of_a_layer_matters():
    plain, mixed = (
        of(lambda kind=kind: small(layers.Conv2D(1, 1, dtype=kind))) for kind in ("float32", "mixed_bfloat16")
    )
    assert identity(plain) != identity(mixed)


def test_weights_a_model_brings_along_matter():
    def trained():
        model = small()
        model.set_weights([np.ones_like(weight) for weight in model.get_weights()])
        return model

    assert identity(of(trained)) == identity(of(trained)) != identity(of(small))


def test_code_of_the_users_own_makes_a_run_unknowable():
    class Own(layers.Layer):
        def call(self, x):
            return x

    def own_activation(x):
        return x

    def own_loss(true, read):
        return keras.ops.mean((true - read) ** 2)

    assert identity(of(lambda: small(Own()))) is None
    assert identity(of(lambda: small(layers.Lambda(lambda x: x)))) is None
    assert identity(of(lambda: small(layers.Conv2D(1, 1, activation=lambda x: x)))) is None
    assert identity(of(lambda: small(layers.Conv2D(1, 1, activation=own_activation)))) is None
    assert identity(of(small, loss=own_loss)) is None
    assert identity(of(small)) is not None


def test_one_pixel_or_label_changes_the_hash_of_the_data(few_digits):
    def hashed(images=few_digits.images, labels=few_digits.labels, test=None):
        return data_hash(Splits(few_digits, type(few_digits)(images, labels), test))

    images, labels = few_digits.images.copy(), few_digits.labels.copy()
    images[3, 4, 5] ^= 1
    labels[7] = 9 - labels[7]
    assert hashed() == hashed()
    assert len({hashed(), hashed(images=images), hashed(labels=labels), hashed(test=few_digits)}) == 4
