import numpy as np
import pytest

from helpers.networks import dense_network, images_for, odd_network
from tinydigits.errors import UnsupportedLayerError
from tinydigits.network.layers import BatchNormalization, Conv2D, Dense, Flatten, MaxPooling2D
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
