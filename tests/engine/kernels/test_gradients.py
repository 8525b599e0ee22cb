"""What machine code computes, against Keras, on nets drawn at random."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from helpers.networks import normalized_network, odd_network
from helpers.programs import (
    keras_gradient,
    native_gradient,
    native_networks,
    packed_weights,
    program_of,
    random_examples,
    relative,
)
from tinydigits.engine.runtime.job import Examples

LOSSES = st.sampled_from(["mean_squared_error", "cross_entropy"])
# A net takes about a second to compile; shrinking would compile hundreds.
FEW = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
MANY = settings(FEW, max_examples=150, derandomize=False)


def agrees_with_keras(network, loss, count, soft=False):
    program, examples = program_of(network, loss), random_examples(network, count, soft=soft)
    answers = program.answers(packed_weights(program, network), examples)
    expected = (network.probabilities if network.ends_in_softmax else network.logits)(examples.images)
    np.testing.assert_allclose(answers, expected, atol=1e-5)
    value, gradients = native_gradient(program, network, examples)
    keras_value, keras_gradients = keras_gradient(network, examples, loss)
    assert value == pytest.approx(keras_value, rel=1e-5)
    # A bias before a normalisation has no gradient but rounding: small ones are compared with the others' size.
    least = 0.2 * max(np.abs(theirs).max() for theirs in keras_gradients)
    for ours, theirs in zip(gradients, keras_gradients, strict=True):
        assert relative(ours, theirs, least) < 1e-4


# 16 is a group: fewer images, exactly one, one and a part, three and a part.
COUNTS = st.sampled_from([1, 5, 16, 23, 50])


@FEW
@given(native_networks(), LOSSES, COUNTS, st.booleans())
def test_answers_and_gradients_are_keras_own(network, loss, count, soft):
    agrees_with_keras(network, loss, count, soft)


@pytest.mark.long
@MANY
@given(native_networks(), LOSSES, COUNTS, st.booleans())
def test_answers_and_gradients_are_keras_own_for_many_nets(network, loss, count, soft):
    agrees_with_keras(network, loss, count, soft)


def test_every_layer_and_option_at_once_gives_keras_gradients():
    agrees_with_keras(odd_network(), "cross_entropy", 21, soft=True)


@pytest.mark.parametrize("count", [16, 50])
def test_normalised_layers_give_keras_gradients(count):
    agrees_with_keras(normalized_network(), "cross_entropy", count)


def test_a_batch_of_more_groups_than_lots_sums_to_keras_gradients():
    agrees_with_keras(odd_network(), "mean_squared_error", 16 * 19 + 3)


def test_bytes_are_the_same_as_floats_divided_by_255():
    network = odd_network()
    images = np.resize(np.arange(256, dtype=np.uint8), (9, *network.input_shape))
    program = program_of(network)
    weights = packed_weights(program, network)
    from_bytes = program.answers(weights, Examples(images))
    from_floats = program.answers(weights, Examples(images / np.float32(255)))
    np.testing.assert_array_equal(from_bytes, from_floats)
