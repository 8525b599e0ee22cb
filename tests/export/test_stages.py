"""Stages compute what their network computes."""

import numpy as np
import pytest

from helpers.networks import images_for, modern_network, normalized_network, odd_network, random_normalization
from tinydigits.errors import UnsupportedLayerError
from tinydigits.export.stages import stages_of
from tinydigits.formats.model_file import SHIPPED, load_network
from tinydigits.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    LeakyReLU,
    MaxPooling2D,
    ReLU,
    Softmax,
)
from tinydigits.network.network import Network


def outputs(network):
    """The logits by stages and by the network, float64, for a few images."""
    x = images_for(network) / np.float64(255)
    by_stages = x.reshape(len(x), *network.input_shape, *[1] * (3 - len(network.input_shape)))
    for stage in stages_of(network):
        by_stages = stage.forward(by_stages)
    return by_stages.reshape(len(x), -1), network.logits(x)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_nets_keep_their_logits(name):
    by_stages, by_network = outputs(load_network(name)[0])
    assert np.allclose(by_stages, by_network, atol=1e-5)


@pytest.mark.parametrize(
    "layers",
    [
        (BatchNormalization, ReLU, Flatten, Dense),
        (MaxPooling2D, ReLU, Flatten, Dense),
        (AveragePooling2D, ReLU, GlobalAveragePooling2D, BatchNormalization, Dense),
        (Conv2D, ReLU, BatchNormalization, MaxPooling2D, ReLU, GlobalAveragePooling2D),
        (
            Conv2D,
            BatchNormalization,
            AveragePooling2D,
            BatchNormalization,
            GlobalAveragePooling2D,
            ReLU,
            Dense,
            Softmax,
        ),
        (Flatten, ReLU, Dense, BatchNormalization, ReLU),
    ],
    ids=lambda layers: "-".join(layer.__name__ for layer in layers),
)
def test_any_order_of_layers_keeps_its_logits(layers):
    random = np.random.default_rng(1)
    network = Network((8, 6, 2), ())
    for kind in layers:
        channels = network.output_shape[-1]
        made = {
            Conv2D: lambda: Conv2D(random.normal(size=(3, 2, channels, 3)).astype(np.float32), None, "same"),  # noqa: B023
            Dense: lambda: Dense(random.normal(size=(channels, 10)).astype(np.float32), None),  # noqa: B023
            BatchNormalization: lambda: random_normalization(random, channels),  # noqa: B023
        }
        network = Network(network.input_shape, (*network.layers, made.get(kind, kind)()))
    by_stages, by_network = outputs(network)
    assert np.allclose(by_stages, by_network, atol=1e-5)


def test_the_odd_network_keeps_its_logits():
    by_stages, by_network = outputs(odd_network())
    assert np.allclose(by_stages, by_network, atol=1e-5)


@pytest.mark.parametrize("network", [modern_network(), normalized_network()])
def test_a_layer_that_is_not_supported_is_named_with_those_that_are(network):
    assert any(isinstance(layer, LeakyReLU) for layer in network.layers)
    with pytest.raises(UnsupportedLayerError, match=r"layer \d+ \(LeakyReLU\).*expected one of .*Conv2D, Dense"):
        stages_of(network)


def test_averages_with_padding_are_refused():
    layers = (AveragePooling2D(padding="same"), Flatten(), Dense(np.ones((32, 10), np.float32), None))
    with pytest.raises(UnsupportedLayerError, match=r"layer 0 \(AveragePooling2D\)"):
        stages_of(Network((7, 7, 2), layers))
