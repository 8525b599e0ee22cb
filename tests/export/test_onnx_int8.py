"""The int8 graph computes the whole numbers of the NumPy reference."""

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto

from helpers.networks import images_for, networks
from tinydigits.errors import ModelError, UnsupportedLayerError
from tinydigits.export.onnx_int8 import int8_graph
from tinydigits.export.quantise import quantise
from tinydigits.export.reference import scores
from tinydigits.export.stages import stages_of
from tinydigits.formats.model_file import load_network
from tinydigits.formats.onnx.file import model_bytes
from tinydigits.formats.onnx.session import session_of


def logits(data, images):
    session = session_of(data)
    x = images.astype(np.float32).reshape(len(images), *session.get_inputs()[0].shape[1:]) / np.float32(255)
    (found,) = session.run(["logits"], {"image": x})
    return found


@pytest.fixture(scope="module")
def small_net(few_digits):
    """`pocket-1k` in whole numbers, and its file."""
    network, _ = load_network("pocket-1k")
    stages = quantise(stages_of(network), few_digits.images[:64])
    return stages, model_bytes(int8_graph(stages, network.input_shape), {})


def test_weights_are_bytes_and_biases_32_bits(small_net):
    model = onnx.load_model_from_string(small_net[1])
    kinds = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    assert {kinds[name] for name in kinds if name.endswith("weights_int")} == {TensorProto.UINT8}
    assert {kinds[name] for name in kinds if name.endswith("bias_int")} == {TensorProto.INT32}
    counts = [node.op_type for node in model.graph.node]
    assert counts.count("QuantizeLinear") == len(small_net[0])


def test_any_number_of_images_is_answered_alike(small_net, few_digits):
    whole = logits(small_net[1], few_digits.images[:7])
    for count in (1, 3):
        assert np.allclose(logits(small_net[1], few_digits.images[:count]), whole[:count], atol=1e-5)


def test_most_scores_are_those_of_the_whole_numbers(small_net, few_digits):
    stages, data = small_net
    expected = scores(stages, few_digits.images[:100]) * stages[-1].output.scale
    found = logits(data, few_digits.images[:100])
    assert np.abs(found - expected).mean() < 0.01 * np.abs(expected).mean()


@settings(deadline=None, max_examples=40)
@given(networks(), st.integers(0, 9))
def test_random_nets_answer_as_the_whole_numbers_do(network, seed):
    images = images_for(network, 16, seed)
    try:
        stages = quantise(stages_of(network), images)
    except (UnsupportedLayerError, ModelError):
        return
    data = model_bytes(int8_graph(stages, network.input_shape), {})
    onnx.checker.check_model(onnx.load_model_from_string(data), full_check=True)
    expected = scores(stages, images) * stages[-1].output.scale
    spread = np.ptp(expected)
    assert np.abs(logits(data, images) - expected).max() <= 0.05 * spread + 1e-6
