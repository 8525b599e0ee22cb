"""The int8 form: near to the float net, and never out of 32 bits."""

from dataclasses import replace

import numpy as np
import pytest

from tinydigits.errors import ModelError
from tinydigits.export.quantise import check, quantise
from tinydigits.export.reference import integer_stage, scores, totals_of
from tinydigits.export.stages import Linear, stages_of
from tinydigits.formats.model_file import load_network
from tinydigits.network.network import Network


@pytest.fixture(scope="module")
def small_net(few_digits):
    """The shipped net `pocket-1k`, and its int8 form."""
    network, _ = load_network("pocket-1k")
    return network, quantise(stages_of(network), few_digits.images[:64])


def test_int8_answers_nearly_as_the_float_net(small_net, whole_mnist):
    network, quantised = small_net
    test = whole_mnist.test[:500]
    answers = scores(quantised, test.images).argmax(axis=1)
    float_answers = network.predict(test.images).argmax(axis=1)
    assert np.mean(answers == float_answers) > 0.99
    assert np.mean(answers == test.labels) > 0.97


def test_scores_are_logits_by_their_scale(small_net, whole_mnist):
    network, quantised = small_net
    images = whole_mnist.test.images[:100]
    logits = network.logits(images[..., None] / np.float64(255))
    found = scores(quantised, images) * quantised[-1].output.scale
    assert np.abs(found - logits).mean() < 0.1 * np.abs(logits).mean()


def test_weights_are_symmetric_bytes_and_use_their_range(small_net):
    for stage in small_net[1]:
        if stage.weights is not None:
            assert 64 <= np.abs(stage.weights).max() <= 127
            assert np.abs(stage.bias).max() < 2**15


def test_an_output_with_hardly_any_weights_leaves_bits_to_the_biases_of_the_others(few_digits):
    network, _ = load_network("cnn")
    first, *others = network.layers
    kernel, bias = first.kernel.copy(), first.bias.copy()
    kernel[..., 2], bias[2] = 1e-8, 0.5
    network = Network(network.input_shape, (replace(first, kernel=kernel, bias=bias), *others))
    stage = quantise(stages_of(network), few_digits.images[:64])[0]
    assert stage.shifts[2] - np.delete(stage.shifts, 2).max() in range(1, 5)
    assert stage.bias_shift <= 4
    assert stage.largest_total < 2**20


def test_no_image_exceeds_the_proven_bound(small_net):
    random = np.random.default_rng(0)
    images = np.concatenate([random.integers(0, 2, (20, 28, 28)) * 255, np.full((1, 28, 28), 255)]).astype(np.uint8)
    values = images[..., None].astype(np.int64)
    for stage in small_net[1]:
        if isinstance(stage.stage.layer, Linear):
            largest = np.abs(totals_of(stage, values)).max()
            assert 0 < largest <= stage.largest_total < 2**31
        values = integer_stage(stage, values)


def test_a_net_that_could_leave_32_bits_is_refused(small_net):
    stage = small_net[1][-1]
    huge = replace(stage, bias_shift=20)
    check(stage, 0)
    with pytest.raises(ModelError, match=r"sums of up to .* expected at most 2,147,483,647"):
        check(huge, 0)


def test_weights_that_are_no_numbers_are_refused(small_net, few_digits):
    stages = stages_of(small_net[0])
    broken = replace(stages[0], layer=replace(stages[0].layer, bias=stages[0].layer.bias * np.nan))
    with pytest.raises(ModelError, match="outputs that are not numbers"):
        quantise((broken, *stages[1:]), few_digits.images[:2])


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("mlp", 0.848),
        ("cnn", 0.9607),
        ("pocket-1k", 0.988),
        ("pocket-2k", 0.992),
        ("pocket-5k", 0.995),
        ("pocket", 0.996),
    ],
)
def test_int8_keeps_the_accuracy_of_the_shipped_nets(name, least, whole_mnist):
    quantised = quantise(stages_of(load_network(name)[0]), whole_mnist.train.images[:512])
    answers = scores(quantised, whole_mnist.test.images).argmax(axis=1)
    assert np.mean(answers == whole_mnist.test.labels) >= least
