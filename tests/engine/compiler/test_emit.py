"""The C that is written, and what it is written for."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from helpers.networks import odd_network
from helpers.programs import native_networks
from tinydigits.engine.compiler.emit import emit
from tinydigits.engine.compiler.forward import drawn
from tinydigits.engine.compiler.planner import make_plan
from tinydigits.engine.compiler.weights import pack, unpack
from tinydigits.formats.keras_bridge import network_from_keras
from tinydigits.recipes.nets import cnn, mlp

GOLDEN = Path(__file__).parents[2] / "golden" / "engine"


@pytest.mark.parametrize(("model", "rule"), [(cnn, "adam"), (mlp, "sgd")])
def test_the_emitted_file_is_the_golden_one(model, rule):
    source = emit(make_plan(network_from_keras(model()), "mean_squared_error", rule))
    assert source == (GOLDEN / f"{model.__name__}.c").read_text()


def test_the_same_net_gives_the_same_file():
    files = {emit(make_plan(odd_network(seed), "cross_entropy", "adam")) for seed in range(3)}
    assert len(files) == 1


@given(native_networks())
def test_weights_packed_and_unpacked_are_the_same(network):
    slots = make_plan(network, "mean_squared_error", "sgd").slots
    packed = pack(slots, network.weights)
    for ours, given_array in zip(unpack(slots, packed), network.weights, strict=True):
        np.testing.assert_array_equal(ours, given_array)
    assert np.count_nonzero(packed) == sum(np.count_nonzero(weight) for weight in network.weights)


@pytest.mark.parametrize(
    ("rate", "bits", "threshold"), [(0.5, 1, 1), (0.25, 2, 1), (0.75, 2, 3), (0.3, 16, 19661), (1 / 16, 4, 1)]
)
def test_dropout_draws_as_few_bits_as_its_rate_needs(rate, bits, threshold):
    assert drawn(rate) == (bits, threshold)
