"""`--pixels`, and the note that asks for it, in all commands that take a model."""

import json
from pathlib import Path

import numpy as np
import pytest

from tinydigits.formats import model_file
from tinydigits.formats.keras_bridge import keras_from_network
from tinydigits.formats.onnx.file import from_bytes

PHOTO = Path(__file__).parents[1] / "reader" / "photos" / "rctruta_7.png"
NOTE = "--pixels 0-255"


@pytest.fixture
def bytes_model(empty_folder):
    """The shipped `cnn` as a net that takes pixels of 0 to 255, which nothing in its file tells."""
    network, _ = from_bytes(model_file.shipped_bytes("cnn"), "cnn")
    model = keras_from_network(network)
    model.layers[0].kernel.assign(model.layers[0].kernel / 255)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.save("bytes.keras")
    return "bytes.keras"


def test_a_net_for_bytes_is_noted_and_scored_right_when_told(command, bytes_model, whole_mnist):
    digits = whole_mnist.test[:1000]
    np.savez("digits.npz", images=digits.images, labels=digits.labels)
    arguments = ("evaluate", bytes_model, "--data", "digits.npz", "--json")
    as_is, told = command(*arguments), command(*arguments, "--pixels", "0-255")
    assert NOTE in as_is.stderr
    assert told.stderr == ""
    shipped = command("evaluate", "cnn", "--data", "digits.npz", "--json")
    accuracies = [json.loads(each.stdout)["accuracy"] for each in (as_is, told, shipped)]
    assert accuracies[0] < 0.7
    assert accuracies[1] == pytest.approx(accuracies[2], abs=0.002)


@pytest.mark.parametrize("arguments", [("read", PHOTO), ("explain", PHOTO)], ids=["read", "explain"])
def test_pictures_are_read_as_the_net_takes_them(command, bytes_model, arguments):
    as_is, told = (
        command(*arguments, "--model", bytes_model),
        command(*arguments, "--model", bytes_model, "--pixels", "0-255"),
    )
    assert NOTE in as_is.stderr
    assert (told.code, told.stdout, told.stderr) == (0, "7\n", "")


def test_a_net_that_was_trained_so_is_known_to_take_them(command, bytes_model, digits_file):
    arguments = ("train", bytes_model, "--epochs", 1, "--data", digits_file, "--out", "run")
    report = json.loads(command(*arguments, "--pixels", "0-255", "--json").stdout)
    assert report["pixels"] == "0-255"
    assert NOTE not in command("evaluate", "run", "--data", digits_file).stderr
    assert model_file.load("run").pixels == "0-255"


def test_a_net_for_bytes_that_is_trained_on_is_noted(command, bytes_model, digits_file):
    outcome = command("train", bytes_model, "--epochs", 1, "--data", digits_file)
    assert outcome.code == 0
    assert NOTE in outcome.stderr
