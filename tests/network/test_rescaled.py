"""Networks for pixels of another range."""

import numpy as np
import pytest

from helpers.networks import dense_network, images_for, modern_network, normalized_network, odd_network, random_weights
from tinydigits.errors import UnsupportedLayerError
from tinydigits.network.layers import BatchNormalization, Dense, Flatten, ReLU, Softmax
from tinydigits.network.network import Network
from tinydigits.network.rescaled import for_smaller_inputs


def normalized_first():
    random = np.random.default_rng(3)
    three = np.array([0.5, 90.0, 200.0], np.float32)
    layers = BatchNormalization(three, three, three, three, 0.001), ReLU(), Flatten()
    return Network((2, 3, 3), (*layers, Dense(random_weights(random, 18, 10), None)))


@pytest.mark.parametrize(
    "network", [odd_network(), modern_network(), normalized_network(), dense_network(), normalized_first()]
)
def test_the_new_network_gives_for_a_255th_what_the_old_one_gives(network):
    images = images_for(network).astype(np.float32)
    rescaled = for_smaller_inputs(network, 255)
    expected = network.logits(images)
    assert np.allclose(
        rescaled.logits(images / np.float32(255)), expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max()
    )
    assert not np.allclose(rescaled.logits(images), expected)
    assert rescaled.parameters == network.parameters


@pytest.mark.parametrize(
    "layers", [(Flatten(),), (Flatten(), Softmax()), (Flatten(), Softmax(), Dense(np.ones((10, 3), np.float32), None))]
)
def test_a_net_without_weights_before_the_softmax_is_refused(layers):
    with pytest.raises(UnsupportedLayerError, match="no layer with weights"):
        for_smaller_inputs(Network((5, 2), layers), 255)
