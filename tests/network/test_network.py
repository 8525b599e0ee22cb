import hashlib

import numpy as np
import pytest
from hypothesis import given, settings

from helpers.networks import dense_network, images_for, modern_network, networks, odd_network
from tinydigits.errors import UnsupportedLayerError
from tinydigits.network.layers import BatchNormalization, Conv2D, Dense, Flatten, MaxPooling2D, Softmax, softmax
from tinydigits.network.network import Network


def test_predict_takes_bytes_with_or_without_a_channel_axis():
    random = np.random.default_rng(0)
    dense = Dense(random.normal(size=(12, 10)).astype(np.float32), None)
    network = Network((3, 4, 1), (Flatten(), dense))
    images = images_for(network)
    assert np.array_equal(network.predict(images), network.predict(images[..., 0]))
    assert network.predict(images).dtype == np.float32


@pytest.mark.parametrize("network", [odd_network(), dense_network()])
def test_probabilities_sum_to_one_whether_the_net_ends_in_softmax_or_logits(network):
    assert np.allclose(network.predict(images_for(network)).sum(axis=1), 1)


def test_the_hash_changes_with_any_weight():
    assert odd_network(0).weights_sha256 == odd_network(0).weights_sha256
    assert odd_network(0).weights_sha256 != odd_network(1).weights_sha256


def test_counts_are_the_sum_over_layers():
    # 9×7: 3·2·3·4 = 72; 5×2: 1·2·4·5 + 5 = 45; 50·6 = 300; 6·10 + 10 = 70
    assert odd_network().parameters == 72 + 45 + 300 + 70
    assert odd_network().multiply_adds == 9 * 7 * 72 + 5 * 2 * 40 + 300 + 60


@pytest.mark.parametrize(
    "layers",
    [
        (Dense(np.zeros((4, 2), np.float32), None),),
        (Flatten(), MaxPooling2D()),
        (Conv2D(np.zeros((5, 5, 1, 1), np.float32), None),),
        (Conv2D(np.zeros((2, 2, 3, 1), np.float32), None),),
        (Conv2D(np.zeros((2, 2, 1, 2), np.float32), np.zeros(3, np.float32)),),
        (Flatten(), Dense(np.zeros((15, 2), np.float32), None)),
        (BatchNormalization(*[np.zeros(2, np.float32)] * 4),),
    ],
)
def test_layers_that_do_not_fit_together_are_refused(layers):
    with pytest.raises(UnsupportedLayerError, match="shape"):
        Network((4, 4, 1), layers)


@pytest.mark.parametrize("network", [odd_network(), dense_network(), modern_network()])
def test_logits_are_what_stands_before_a_softmax_and_probabilities_its_result(network):
    plain = Network(network.input_shape, tuple(layer for layer in network.layers if not isinstance(layer, Softmax)))
    ending = Network(network.input_shape, (*plain.layers, Softmax()))
    assert (plain.ends_in_softmax, ending.ends_in_softmax) == (False, True)
    x = images_for(network).astype(np.float32)
    expected = x
    for layer in plain.layers:
        expected = layer.forward(expected)
    for same in (plain, ending):
        assert np.array_equal(same.logits(x), expected)
        assert np.array_equal(same.probabilities(x), softmax(expected))


@settings(deadline=None, max_examples=50)
@given(networks())
def test_shapes_and_counts_are_those_of_the_arrays(network):
    assert network.logits(images_for(network, 2) / np.float32(255)).shape == (2, *network.output_shape)
    assert network.classes == network.output_shape[-1] == 10
    trained = [weight for layer in network.layers for weight in layer.weights[:2]]  # not a normalisation's averages
    assert network.parameters == sum(weight.size for weight in trained)
    assert len(network.weights) == sum(len(layer.weights) for layer in network.layers)


def test_the_hash_is_that_of_all_weights_in_order():
    network = odd_network()
    content = b"".join(weight.astype("<f4").tobytes() for layer in network.layers for weight in layer.weights)
    assert network.weights_sha256 == hashlib.sha256(content).hexdigest()


def test_a_net_without_layers_gives_its_input():
    empty = Network((2, 3), ())
    x = np.arange(12.0).reshape(2, 2, 3)
    assert not empty.ends_in_softmax
    assert np.array_equal(empty.logits(x), x)
    assert (empty.output_shape, empty.parameters, empty.weights) == ((2, 3), 0, ())


def test_the_layer_that_does_not_fit_is_named_by_its_place_and_kind():
    with pytest.raises(UnsupportedLayerError, match=r"layer 1 \(Dense\): found an input of shape \(16,\)"):
        Network((4, 4), (Flatten(), Dense(np.zeros((15, 2), np.float32), None)))
