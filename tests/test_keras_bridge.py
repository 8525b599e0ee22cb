import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from networks import dense_network, images_for, networks, odd_network
from tinydigits import models
from tinydigits.data import scaled
from tinydigits.errors import ModelError, UnsupportedLayerError
from tinydigits.keras_bridge import keras_from_network, keras_predict, network_from_keras, read_keras
from tinydigits.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D, ReLU, Softmax

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


@pytest.mark.parametrize("network", [odd_network(), dense_network()])
def test_keras_predict_gives_probabilities_also_of_a_net_that_ends_in_logits(network):
    images = images_for(network)
    assert np.allclose(keras_predict(keras_from_network(network))(images), network.predict(images), atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (keras.layers.Conv2D(2, 3, strides=2), r"Conv2D\(strides=\(2, 2\)\)"),
        (keras.layers.Conv2D(2, 3, dilation_rate=2), "dilation_rate"),
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


def test_a_model_that_is_not_sequential_or_not_built_is_refused():
    with pytest.raises(UnsupportedLayerError, match="Functional"):
        network_from_keras(keras.Model(inputs := keras.Input((4,)), keras.layers.Dense(2)(inputs)))
    with pytest.raises(UnsupportedLayerError, match="without an input shape"):
        network_from_keras(keras.Sequential([keras.layers.Dense(2)]))


def test_a_lambda_in_a_keras_file_is_never_run(tmp_path):
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Lambda(lambda x: x)])
    model.save(tmp_path / "lambda.keras")
    keras.saving.load_model(tmp_path / "lambda.keras", safe_mode=False)  # the control: Keras would run it
    with pytest.raises(ModelError, match="Keras cannot read"):
        read_keras(tmp_path / "lambda.keras")


def test_a_file_that_is_no_keras_model_is_refused(tmp_path):
    (tmp_path / "text.keras").write_text("hello")
    with pytest.raises(ModelError, match=r"text\.keras: found a file that Keras cannot read"):
        read_keras(tmp_path / "text.keras")
