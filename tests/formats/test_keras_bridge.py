import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from helpers.networks import dense_network, images_for, modern_network, networks, odd_network
from tinydigits.data.dataset import scaled
from tinydigits.errors import UnsupportedLayerError
from tinydigits.formats.keras_bridge import keras_from_network, keras_predict, network_from_keras, parameters_of
from tinydigits.network.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D, ReLU, Softmax
from tinydigits.recipes import nets as models

SMALL = keras.layers.Input((6, 6, 1))


def outputs(model, images):
    """Keras' own outputs, without the cost of tracing a function."""
    return keras.ops.convert_to_numpy(model(scaled(images), training=False))


@pytest.mark.parametrize("build", [models.mlp, models.cnn])
def test_a_network_gives_its_keras_models_probabilities(build):
    model = build()
    network = network_from_keras(model)
    images = images_for(network)
    assert np.allclose(network.predict(images), outputs(model, images), atol=1e-6)


def test_the_cnn_becomes_layers_of_ours():
    kinds = [type(layer) for layer in network_from_keras(models.cnn()).layers]
    assert kinds == [Conv2D, ReLU, MaxPooling2D, Conv2D, ReLU, Flatten, Dropout, Dense, Softmax]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(networks())
def test_any_network_survives_the_way_through_keras(network):
    model = keras_from_network(network)
    images = images_for(network)
    expected = network.probabilities(scaled(images)) if network.ends_in_softmax else network.logits(scaled(images))
    assert np.allclose(outputs(model, images), expected, atol=1e-5)
    assert network_from_keras(model).weights_sha256 == network.weights_sha256
    assert [type(a) for a in network_from_keras(model).layers] == [type(a) for a in network.layers]


def blocks(*filters, separable=False):
    """Convolutions of 3×3 without bias, each with batch normalisation and ReLU."""
    kind = keras.layers.SeparableConv2D if separable else keras.layers.Conv2D
    for count in filters:
        yield kind(count, 3, padding="same", use_bias=False)
        yield from (keras.layers.BatchNormalization(momentum=0.95), keras.layers.ReLU())


def test_a_separable_net_keeps_its_answers_and_its_trainable_parameters():
    pool, ends = keras.layers.MaxPooling2D, (keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10))
    body = [*blocks(16), *blocks(32, separable=True), pool(), *blocks(32, 40, separable=True), pool()]
    model = keras.Sequential([keras.layers.Input((28, 28, 1)), *body, *blocks(40, 44, separable=True), *ends])
    network = network_from_keras(model)
    images = images_for(network, count=2)
    assert np.allclose(network.logits(scaled(images)), outputs(model, images), atol=1e-5)
    assert network.parameters == parameters_of(model) == 8_618
    assert sum(weight.size for weight in network.weights) == model.count_params()


@pytest.mark.parametrize("network", [odd_network(), dense_network(), modern_network()])
def test_keras_predict_gives_probabilities_also_of_a_net_that_ends_in_logits(network):
    images = images_for(network)
    assert np.allclose(keras_predict(keras_from_network(network))(images), network.predict(images), atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (keras.layers.Conv2D(2, 3, dilation_rate=2), r"Conv2D\(dilation_rate=\(2, 2\)\)"),
        (keras.layers.BatchNormalization(scale=False), r"BatchNormalization\(scale=False\)"),
        (keras.layers.Conv2D(2, 3, activation="gelu"), "activation 'gelu'"),
        (keras.layers.ReLU(max_value=6.0), "max_value"),
        (keras.layers.LSTM(2), "LSTM"),
    ],
)
def test_a_layer_beyond_the_network_is_named(layer, message):
    shape = keras.layers.Input((6, 1)) if isinstance(layer, keras.layers.LSTM) else SMALL
    layer.name = "the_odd_one"
    with pytest.raises(UnsupportedLayerError, match=f"layer `the_odd_one`: found .*{message}"):
        network_from_keras(keras.Sequential([shape, layer]))


def test_a_users_own_relu_is_not_taken_for_keras_relu():
    def relu(x):
        return x * 2

    with pytest.raises(UnsupportedLayerError, match="relu"):
        network_from_keras(keras.Sequential([SMALL, keras.layers.Conv2D(2, 3, activation=relu)]))


def test_a_model_that_is_no_chain_or_not_built_is_refused():
    start = keras.Input((4,))
    branches = [keras.layers.Dense(2)(start), keras.layers.Dense(2)(start)]
    with pytest.raises(UnsupportedLayerError, match="Functional"):
        network_from_keras(keras.Model(start, keras.layers.add(branches)))
    with pytest.raises(UnsupportedLayerError, match="without an input shape"):
        network_from_keras(keras.Sequential([keras.layers.Dense(2)]))


def test_a_functional_chain_is_the_network_of_the_sequential_model():
    start = keras.Input((6, 5, 1))
    parts = [keras.layers.Conv2D(2, 3), keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")]
    end = start
    for part in parts:
        end = part(end)
    chain, images = network_from_keras(keras.Model(start, end)), np.zeros((2, 6, 5, 1), np.uint8)
    in_line = network_from_keras(keras.Sequential([keras.Input((6, 5, 1)), *parts]))
    assert [type(layer) for layer in chain.layers] == [type(layer) for layer in in_line.layers]
    np.testing.assert_array_equal(chain.predict(images), in_line.predict(images))


def test_a_first_rescaling_by_255_is_what_a_network_does_to_bytes():
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Rescaling(1 / 255), keras.layers.Flatten()])
    model.add(keras.layers.Dense(3, activation="softmax"))
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 1)).astype(np.uint8)
    expected = model.predict(images.astype(np.float32), verbose=0)
    np.testing.assert_allclose(network_from_keras(model).predict(images), expected, atol=1e-6)
    np.testing.assert_allclose(keras_predict(model)(images), expected, atol=1e-6)
