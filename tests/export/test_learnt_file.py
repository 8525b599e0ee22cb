"""The file that the page fills has a place for each weight, whatever the layers."""

import base64
from hashlib import sha256

import numpy as np
import pytest

from tinydigits.export.learnt_file import learnt_file
from tinydigits.formats.model_file import load_network
from tinydigits.formats.onnx.file import Metadata, from_bytes, to_bytes


def filled(file, network):
    """Does in Python what the page does."""
    data = bytearray(base64.b64decode(file["bytes"]))
    places = np.frombuffer(base64.b64decode(file["places"]), "<i4")
    for place, value in zip(places, np.concatenate([weight.ravel() for weight in network.weights]), strict=True):
        data[place : place + 4] = value.astype("<f4").tobytes()
    data[file["sha256"] : file["sha256"] + 64] = network.weights_sha256.encode()
    data[file["own"] : file["own"] + 64] = sha256(data[: file["own"]]).hexdigest().encode()
    return bytes(data)


@pytest.mark.parametrize("name", ["cnn", "mlp", "pocket", "pocket-1k"])
def test_the_filled_file_is_the_one_that_python_writes_of_the_same_weights(name):
    network, metadata = load_network(name)
    expected = to_bytes(network, Metadata(f"{name}-learnt", recipe=metadata.recipe))
    assert filled(learnt_file(network, metadata), network) == expected


def test_scores_seed_and_calibration_of_other_weights_are_left_out():
    network, metadata = load_network("pocket")
    assert metadata.scores
    assert metadata.rejection
    _, stored = from_bytes(filled(learnt_file(network, metadata), network), "page")
    assert (stored.scores, stored.seed, stored.temperature, stored.rejection) == ({}, None, 1.0, None)


def test_pixels_of_another_range_stay_stated():
    network, _ = load_network("mlp")
    data = filled(learnt_file(network, Metadata("mine", pixels="0-255")), network)
    assert from_bytes(data, "page")[1].pixels == "0-255"
