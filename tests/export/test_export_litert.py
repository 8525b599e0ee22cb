"""LiteRT files end with a proof of what was written."""

from dataclasses import replace

import numpy as np
import pytest

from tinydigits.errors import ImageShapeError, MissingDependencyError, ModelError, OutputError
from tinydigits.export import export_litert as module
from tinydigits.export.export_litert import export_litert
from tinydigits.export.litert import convert, runtimes
from tinydigits.formats import model_file
from tinydigits.formats.model_file import load_network
from tinydigits.formats.onnx.file import Metadata
from tinydigits.network.network import Network

INSTALLED = [runtime.package for runtime in runtimes.found_runtimes()]


@pytest.fixture
def exported(few_digits, tmp_path):
    """Gives a function that exports `cnn`, or another net, and returns the outcome and the path."""

    def run(model="cnn", network=None, metadata=None, **options):
        path = tmp_path / "out.tflite"
        own, its = load_network(model)
        given = {
            "calibration": few_digits.images[:64],
            "dataset": few_digits[:100],
            "on_warning": pytest.fail,
            **options,
        }
        return export_litert(network or own, metadata or its, path, **given), path

    return run


@pytest.fixture(scope="module")
def float_file():
    """The LiteRT file of `cnn`, float32: to convert takes seconds."""
    return convert.converted(load_network("cnn")[0])


@pytest.fixture
def converted_once(monkeypatch, float_file):
    """Gives the file of `cnn` in place of a conversion."""
    monkeypatch.setattr(module, "converted", lambda network, calibration: float_file)
    return float_file


def test_a_float_file_answers_every_image_as_the_net_does(exported, converted_once):
    outcome, path = exported()
    assert (outcome.checked_images, outcome.disagreements, outcome.changed_answers) == (100, 0, 0)
    assert 0 < outcome.max_abs_difference < 1e-5
    assert outcome.accuracy > 0.9
    assert [run.runtime for run in outcome.runtimes] == INSTALLED
    assert path.read_bytes() == converted_once
    assert outcome.bytes == len(converted_once)


def test_an_int8_file_takes_a_pixel_minus_128_and_answers_nearly_as_the_net_does(exported):
    interpreters = pytest.importorskip("ai_edge_litert.interpreter")
    outcome, path = exported(int8=True)
    assert (outcome.checked_images, outcome.disagreements) == (100, 0)
    assert outcome.changed_answers <= 2
    assert 1e-4 < outcome.max_abs_difference < module.INT8_DOUBT
    assert outcome.bytes < 20_000
    interpreter = interpreters.Interpreter(model_path=str(path))
    (given,), (wanted,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert given["dtype"] == wanted["dtype"] == np.int8
    assert given["quantization"] == (np.float32(1 / 255), -128)
    assert wanted["quantization"] == (1 / 256, -128)
    assert interpreter.get_signature_list() == {"serving_default": {"inputs": ["image"], "outputs": ["probabilities"]}}


def test_a_difference_in_one_bias_is_found_by_each_runtime(exported, monkeypatch, float_file):
    bias = load_network("cnn")[0].layers[-2].bias
    assert float_file.count(bias.tobytes()) == 1
    wrong = float_file.replace(bias.tobytes(), (bias + 30 * (np.arange(10) == 3)).astype(np.float32).tobytes())
    monkeypatch.setattr(module, "converted", lambda network, calibration: wrong)
    outcome, path = exported()
    assert outcome.disagreements == outcome.changed_answers > 50
    assert [run.disagreements for run in outcome.runtimes] == [outcome.disagreements] * len(INSTALLED)
    assert len(outcome.differing) == 10
    assert path.read_bytes() == wrong


def test_an_image_is_wrong_if_one_runtime_answers_wrong(exported, converted_once, monkeypatch):
    right, eights = runtimes.RUNTIMES[0], np.eye(10, dtype=np.float32)[[8] * 100]
    wrong = replace(right, answers=lambda data, x: eights)
    monkeypatch.setattr(module, "found_runtimes", lambda: [right, wrong])
    outcome, _ = exported()
    assert outcome.changed_answers == outcome.runtimes[0].disagreements == 0
    assert outcome.disagreements == outcome.runtimes[1].disagreements > 50


def test_without_a_runtime_the_file_is_unproven_with_the_way_to_get_one(exported, converted_once, monkeypatch):
    monkeypatch.setattr(module, "found_runtimes", lambda: [])
    warnings = []
    outcome, path = exported(on_warning=warnings.append)
    assert (outcome.checked_images, outcome.disagreements, outcome.accuracy, outcome.runtimes) == (0, 0, None, ())
    assert ["unproven" in warning and "tinydigits[litert]" in warning for warning in warnings] == [True]
    assert path.read_bytes() == converted_once


@pytest.mark.parametrize("package", ["tensorflow", "keras"])
def test_without_tensorflow_the_extra_is_named(exported, monkeypatch, package, tmp_path):
    monkeypatch.setattr(convert, "installed", lambda name: name != package)
    with pytest.raises(MissingDependencyError, match=rf"{package}: .*tinydigits\[train\]"):
        exported()
    assert list(tmp_path.iterdir()) == []


def test_what_the_converter_says_is_in_the_error(exported, monkeypatch, tmp_path):
    monkeypatch.setattr(convert, "PROCESS", ("-c", "raise SystemExit('no such operator')"))
    with pytest.raises(ModelError, match=r"converter: found exit status 1: no such operator"):
        exported()
    assert list(tmp_path.iterdir()) == []


def test_pixels_of_0_to_255_become_those_of_0_to_1(exported, converted_once, monkeypatch):
    network = load_network("cnn")[0]
    first, *others = network.layers
    wide = Network(network.input_shape, (replace(first, kernel=first.kernel / np.float32(255)), *others))
    given = []
    monkeypatch.setattr(module, "converted", lambda network, calibration: given.append(network) or converted_once)
    outcome, _ = exported(network=wide, metadata=Metadata("wide", pixels="0-255"))
    assert np.allclose(given[0].layers[0].kernel, first.kernel)
    assert (outcome.disagreements, outcome.changed_answers) == (0, 0)


def test_what_exists_is_kept_unless_told_otherwise(exported, converted_once, tmp_path):
    path = tmp_path / "out.tflite"
    path.write_bytes(b"before")
    with pytest.raises(OutputError, match="--overwrite"):
        exported()
    assert path.read_bytes() == b"before"
    exported(overwrite=True)
    assert path.read_bytes() == converted_once


@pytest.mark.parametrize("at", [(convert, "run"), (runtimes, "obey_interruptions"), (module, "new_file")])
def test_an_interruption_leaves_nothing(exported, monkeypatch, at, tmp_path, float_file):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    if at[0] is not convert:
        monkeypatch.setattr(module, "converted", lambda network, calibration: float_file)
    monkeypatch.setattr(*at, interrupted)
    with pytest.raises(KeyboardInterrupt):
        exported()
    assert list(tmp_path.iterdir()) == []


def test_a_net_of_another_size_is_refused(exported):
    with pytest.raises(ImageShapeError, match="7 × 112"):
        exported(network=Network((7, 112), load_network("mlp")[0].layers))


@pytest.mark.long
@pytest.mark.parametrize("model", [*model_file.SHIPPED, model_file.READER])
@pytest.mark.parametrize("int8", [False, True])
def test_the_shipped_nets_answer_all_test_images(exported, model, int8, whole_mnist):
    outcome, _ = exported(model, int8=int8, calibration=whole_mnist.train.images, dataset=whole_mnist.test)
    assert (outcome.checked_images, outcome.disagreements) == (10_000, 0)
    assert all(run.changed_answers <= 100 * int8 for run in outcome.runtimes)
