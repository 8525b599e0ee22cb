"""ONNX files end with a proof of what was written."""

import json

import numpy as np
import onnx
import pytest

from helpers.networks import random_weights
from tinydigits.errors import ImageShapeError, OutputError, UnsafeModelError, UnsupportedLayerError
from tinydigits.export import export_onnx as module
from tinydigits.export.export_onnx import export_onnx
from tinydigits.formats import model_file
from tinydigits.formats.model_file import load_network
from tinydigits.formats.onnx.file import Metadata
from tinydigits.network.layers import Dense, Flatten, LeakyReLU
from tinydigits.network.network import Network


@pytest.fixture
def exported(few_digits, tmp_path):
    """Gives a function that exports `cnn`, or another net, and returns the outcome and the path."""

    def run(model="cnn", network=None, metadata=None, **options):
        path = tmp_path / "out.onnx"
        own, its = load_network(model)
        given = {"calibration": few_digits.images[:64], "dataset": few_digits[:100], **options}
        return export_onnx(network or own, metadata or its, path, **given), path

    return run


@pytest.mark.parametrize("model", ["mlp", "cnn", "pocket-1k", "reader"])
@pytest.mark.parametrize("int8", [False, True])
def test_the_file_answers_every_image_as_numpy_does(exported, model, int8):
    outcome, path = exported(model, int8=int8)
    assert (outcome.checked_images, outcome.disagreements, outcome.bytes) == (100, 0, path.stat().st_size)
    assert 0 < outcome.max_abs_difference < (0.1 if int8 else 1e-5)
    assert outcome.changed_answers <= 2 * int8
    assert outcome.accuracy > 0.8


def test_a_float_file_is_a_model_again(exported, few_digits):
    _, path = exported()
    images = few_digits.images[:5]
    assert np.array_equal(model_file.load(str(path)).predict(images), model_file.load("cnn").predict(images))


def test_an_int8_file_is_refused_as_a_model_with_the_way_out(exported):
    _, path = exported(int8=True)
    with pytest.raises(UnsafeModelError, match=r"QuantizeLinear.*Export that net's float32 model"):
        load_network(str(path))


@pytest.mark.parametrize("int8", [False, True])
def test_pixels_of_0_to_255_are_answered_as_those_of_0_to_1(exported, int8):
    network = load_network("mlp")[0]
    flatten, first, *others = network.layers
    wide = Network(network.input_shape, (flatten, Dense(first.kernel / np.float32(255), first.bias), *others))
    outcome, path = exported(network=wide, metadata=Metadata("wide", pixels="0-255"), int8=int8)
    assert (outcome.disagreements, outcome.changed_answers) == (0, 0)
    stored = {entry.key: json.loads(entry.value) for entry in onnx.load(path).metadata_props}
    assert stored.get("tinydigits.pixels") == (None if int8 else "0-255")
    assert outcome.accuracy == exported(int8=int8, model="mlp", overwrite=True)[0].accuracy


def test_a_difference_in_one_bias_is_found(exported, monkeypatch):
    right = module.int8_graph

    def wrong(stages, shape):
        graph = right(stages, shape)
        bias = [tensor for tensor in graph.initializer if tensor.name.endswith("bias_int")][-1]
        values = onnx.numpy_helper.to_array(bias).copy()
        values[3] += 1_000_000
        bias.CopyFrom(onnx.numpy_helper.from_array(values, bias.name))
        return graph

    monkeypatch.setattr(module, "int8_graph", wrong)
    outcome, path = exported(int8=True)
    assert outcome.disagreements > 50
    assert len(outcome.differing) == 10
    assert path.exists()


def test_what_exists_is_kept_unless_told_otherwise(exported):
    _, path = exported()
    before = path.read_bytes()
    with pytest.raises(OutputError, match="--overwrite"):
        exported(int8=True)
    assert path.read_bytes() == before
    exported(int8=True, overwrite=True)
    assert path.read_bytes() != before


@pytest.mark.parametrize("at", [(module, "integer_scores"), (module, "answers_of"), (module, "new_file")])
def test_an_interruption_leaves_nothing(exported, monkeypatch, at, tmp_path):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(*at, interrupted)
    with pytest.raises(KeyboardInterrupt):
        exported(int8=True)
    assert list(tmp_path.iterdir()) == []


def test_a_net_of_another_size_is_refused(exported):
    with pytest.raises(ImageShapeError, match="7 × 112"):
        exported(network=Network((7, 112), load_network("mlp")[0].layers))


def test_int8_refuses_layers_that_it_does_not_know_and_float_takes_them(exported):
    random = np.random.default_rng(0)
    layers = Flatten(), Dense(random_weights(random, 784, 10), None), LeakyReLU(0.1)
    network = Network((28, 28), layers)
    with pytest.raises(UnsupportedLayerError, match=r"LeakyReLU.*expected one of .*Conv2D"):
        exported(network=network, int8=True)
    assert exported(network=network)[0].disagreements == 0


@pytest.mark.long
@pytest.mark.parametrize("model", [*model_file.SHIPPED, model_file.READER])
def test_the_shipped_nets_answer_all_test_images(exported, model, whole_mnist):
    outcome, _ = exported(model, int8=True, calibration=whole_mnist.train.images, dataset=whole_mnist.test)
    assert (outcome.checked_images, outcome.disagreements) == (10_000, 0)
    assert outcome.changed_answers < 100
