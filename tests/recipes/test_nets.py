"""The nets, layer by layer. These figures are contracts: if one drifts, the net is another."""

import itertools

import keras
import pytest

from tinydigits.formats.keras_bridge import network_from_keras, parameters_of
from tinydigits.recipes import nets as models
from tinydigits.recipes.recipe import RECIPES, compiled


def layers_of(model):
    """(kind, settings that matter) of each layer."""
    kept = ("filters", "kernel_size", "pool_size", "padding", "units", "rate", "activation")
    return [
        (type(layer).__name__, {key: value for key, value in layer.get_config().items() if key in kept})
        for layer in model.layers
    ]


def test_the_mlp_has_9862_parameters():
    model = models.mlp()
    sizes = [layer.count_params() for layer in model.layers if layer.count_params()]
    assert sizes == [784 * 12 + 12, 12 * 12 + 12, 12 * 12 + 12, 12 * 10 + 10]
    assert sum(sizes) == model.count_params() == 9_862


def test_the_cnn_has_9940_parameters():
    model = models.cnn()
    sizes = [layer.count_params() for layer in model.layers if layer.count_params()]
    assert sizes == [2 * 2 * 1 * 5 + 5, 2 * 2 * 5 * 5 + 5, 14 * 14 * 5 * 10 + 10]
    assert sum(sizes) == model.count_params() == 9_940


def test_the_mlp_is_three_hidden_layers_of_twelve():
    hidden = ("Dense", {"units": 12, "activation": "relu"})
    assert layers_of(models.mlp()) == [
        ("Flatten", {}),
        hidden,
        hidden,
        hidden,
        ("Dense", {"units": 10, "activation": "softmax"}),
    ]


def test_the_cnn_is_two_convolutions_of_five_filters_around_one_pooling():
    convolution = ("Conv2D", {"filters": 5, "kernel_size": (2, 2), "padding": "same", "activation": "relu"})
    assert layers_of(models.cnn()) == [
        convolution,
        ("MaxPooling2D", {"pool_size": (2, 2), "padding": "valid"}),
        convolution,
        ("Flatten", {}),
        ("Dropout", {"rate": 0.5}),
        ("Dense", {"units": 10, "activation": "softmax"}),
    ]


@pytest.mark.parametrize("build", [models.mlp, models.cnn])
def test_every_initialiser_is_keras_default(build):
    for layer in build().layers:
        if layer.count_params():
            assert isinstance(layer.kernel_initializer, keras.initializers.GlorotUniform)
            assert isinstance(layer.bias_initializer, keras.initializers.Zeros)


def test_sprint_has_9914_parameters_that_are_trained():
    model = models.sprint()
    filters = [1, 8, 12, 16, 16, 16, 16]
    sizes = [9 * inputs * outputs + 2 * outputs for inputs, outputs in itertools.pairwise(filters)]
    assert parameters_of(model) == sum(sizes) + 16 * 10 + 10 == 9_914
    assert [size[1:3] for size in shapes(model, "Conv2D")] == [(26, 26), (24, 24), (10, 10), (8, 8), (6, 6), (4, 4)]


@pytest.mark.parametrize(
    ("name", "filters", "expected"),
    [
        ("pocket", [12, 16, 20, 24, 32, 40, 48, 46], 9_950),
        ("pocket_5k", [12, 16, 24, 28, 32, 34], 4_990),
        ("pocket_2k", [8, 12, 16, 20, 21], 1_978),
        ("pocket_1k", [5, 8, 10, 12, 13], 992),
    ],
)
def test_the_pocket_nets_have_the_parameters_of_the_arithmetic(name, filters, expected):
    model = getattr(models, name)()
    first = 9 * filters[0] + 2 * filters[0]
    separable = [9 * inputs + inputs * outputs + 2 * outputs for inputs, outputs in itertools.pairwise(filters)]
    assert parameters_of(model) == first + sum(separable) + filters[-1] * 10 + 10 == expected
    assert [shape[-1] for shape in shapes(model, "SeparableConv2D")] == filters[1:]


def test_pocket_ends_with_two_by_two_pixels():
    sides = [shape[1] for shape in shapes(models.pocket(), "SeparableConv2D")]
    assert sides == [24, 22, 20, 8, 6, 4, 2]


def shapes(model, kind):
    return [tuple(layer.output.shape) for layer in model.layers if type(layer).__name__ == kind]


@pytest.mark.parametrize("build", [models.mlp, models.cnn, models.sprint, models.pocket, models.pocket_1k])
def test_a_net_is_a_plain_keras_sequential(build):
    assert type(build()) is keras.Sequential


def test_multiply_adds_are_those_of_the_arithmetic():
    assert network_from_keras(models.mlp()).multiply_adds == 784 * 12 + 12 * 12 + 12 * 12 + 12 * 10
    assert network_from_keras(models.cnn()).multiply_adds == 28 * 28 * 5 * 4 + 14 * 14 * 5 * 20 + 980 * 10


@pytest.mark.parametrize(("name", "optimizer", "rate", "epochs"), [("mlp", "SGD", 0.01, 30), ("cnn", "Adam", 0.001, 5)])
def test_a_recipe_trains_as_published(name, optimizer, rate, epochs):
    recipe = RECIPES[name]
    model = compiled(recipe)
    assert (recipe.epochs, recipe.batch_size) == (epochs, 32)
    assert model.loss == "mean_squared_error"
    default = getattr(keras.optimizers, optimizer)(rate).get_config()
    assert {**model.optimizer.get_config(), "name": ""} == {**default, "name": ""}
