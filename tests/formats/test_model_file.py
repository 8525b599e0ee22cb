import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tinydigits.errors import ModelError, RecipeError
from tinydigits.evaluation.report import evaluate
from tinydigits.formats import model_file
from tinydigits.formats.keras_bridge import keras_from_network
from tinydigits.formats.onnx.file import Metadata, from_bytes, to_bytes


@pytest.mark.parametrize("name", model_file.SHIPPED)
def test_a_shipped_net_scores_what_its_file_says(name, whole_mnist):
    loaded = model_file.load(name)
    _, metadata = from_bytes(model_file.shipped_bytes(name), name)
    assert evaluate(loaded.predict, whole_mnist.test).accuracy == metadata.scores["test"]
    assert metadata.seed == 0
    assert len(model_file.shipped_bytes(name)) < 57_000


def test_a_bare_name_is_the_shipped_net_even_beside_a_folder(empty_folder):
    assert model_file.shadowed_folder("cnn") is None
    (empty_folder / "cnn").mkdir()
    assert model_file.load("cnn").parameters == 9940
    assert str(model_file.shadowed_folder("cnn")) == "cnn"
    with pytest.raises(ModelError, match=r"without model\.onnx or model\.keras"):
        model_file.load("./cnn")


def test_a_path_may_be_a_folder_an_onnx_or_a_keras_file(empty_folder, few_digits):
    network, _ = from_bytes(model_file.shipped_bytes("mlp"), "mlp")
    (empty_folder / "run").mkdir()
    (empty_folder / "run" / "model.onnx").write_bytes(to_bytes(network, Metadata("mine")))
    keras_from_network(network).save(empty_folder / "run" / "model.keras")
    expected = network.predict(few_digits.images)
    for path in ("run", "run/", "./run/model.onnx", "run/model.keras"):
        loaded = model_file.load(path)
        assert loaded.parameters == 9862
        assert np.allclose(loaded.predict(few_digits.images), expected, atol=1e-5)


def test_a_run_whose_net_has_no_onnx_is_read_from_keras(empty_folder):
    network, _ = from_bytes(model_file.shipped_bytes("mlp"), "mlp")
    keras_from_network(network).save(empty_folder / "model.keras")
    assert model_file.load(".").name == "model"


def test_the_range_of_pixels_is_known_but_for_a_keras_file_that_does_not_tell(empty_folder, few_digits):
    network, _ = from_bytes(model_file.shipped_bytes("mlp"), "mlp")
    keras_from_network(network).save("net.keras")
    unsure, told = model_file.load("net.keras"), model_file.load("net.keras", "0-255")
    assert (unsure.pixels, told.pixels) == ("0-1", "0-255")
    assert np.array_equal(unsure.predict_otherwise(few_digits.images), told.predict(few_digits.images))
    assert told.predict_otherwise is None
    assert model_file.load("mlp").predict_otherwise is None
    with pytest.raises(RecipeError, match="expected 0-1 or 0-255"):
        model_file.load("mlp", "0-100")


def test_a_model_in_keras_older_format_is_read(empty_folder, few_digits):
    network, _ = from_bytes(model_file.shipped_bytes("mlp"), "mlp")
    keras_from_network(network).save(empty_folder / "old.h5")
    loaded = model_file.load("old.h5")
    assert (loaded.name, loaded.parameters) == ("old", 9862)
    assert np.allclose(loaded.predict(few_digits.images), network.predict(few_digits.images), atol=1e-5)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a device that never ends")
def test_a_device_is_no_model():
    with pytest.raises(ModelError, match="a device, pipe or socket"):
        model_file.load("/dev/zero")


def test_a_name_that_is_nothing_is_refused(empty_folder):
    with pytest.raises(ModelError, match="neither a shipped model nor a path"):
        model_file.load("resnet")


def test_only_a_keras_file_needs_keras(empty_folder):
    script = """
import sys
for name in ("keras", "tensorflow", "matplotlib", "scipy", "jax", "torch"):
    sys.modules[name] = None
from tinydigits.formats import model_file
from tinydigits.data import mnist_test
from tinydigits.evaluation.report import evaluate
print(evaluate(model_file.load("cnn").predict, mnist_test()).accuracy > 0.95)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "True\n"
