import keras
import numpy as np
import pytest
from keras import layers

from tinydigits.errors import RecipeError
from tinydigits.formats.keras_targets import targets
from tinydigits.recipes.trial import try_out


def net(shape=(28, 28), units=10, **compiled):
    model = keras.Sequential([layers.Input(shape), layers.Flatten(), layers.Dense(units)])
    model.compile(**{"optimizer": "sgd", "loss": "mse", "metrics": ["accuracy"], **compiled})
    return model


def test_a_model_that_fits_is_returned():
    assert try_out(net, "x", trial=True).count_params() == 7850


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shape": (784,)}, r"found the input \[784\]"),
        ({"units": 5}, r"found the output \(None, 5\)"),
        ({"metrics": []}, "found a model that measures loss; expected accuracy as well"),
        ({"loss": "nonsense"}, "Could not interpret loss identifier: nonsense"),
    ],
)
def test_a_model_that_does_not_is_refused(options, message):
    with pytest.raises(RecipeError, match=message):
        try_out(lambda: net(**options), "x", trial=True)


def test_a_model_without_a_shape_is_refused():
    model = keras.Sequential([layers.Flatten(), layers.Dense(10)])
    model.compile("sgd", "mse", metrics=["accuracy"])
    with pytest.raises(RecipeError, match="found no fixed input"):
        try_out(lambda: model, "x", trial=False)


def test_one_model_for_all_seeds_is_refused():
    model = net()
    with pytest.raises(RecipeError, match="the same model each time"):
        try_out(lambda: model, "x", trial=True)


@pytest.mark.parametrize(
    "loss",
    [
        "sparse_categorical_crossentropy",
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        keras.losses.sparse_categorical_crossentropy,
    ],
)
def test_a_sparse_loss_takes_class_numbers_and_any_other_one_hot(loss):
    labels = np.array([1, 0])
    np.testing.assert_array_equal(targets(net(loss=loss), labels), labels)
    np.testing.assert_array_equal(targets(net(), labels), np.eye(10, dtype=np.float32)[labels])
