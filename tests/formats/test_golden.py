"""Every back end gives the golden outputs: the bundle is what "equal to what was trained" means."""

from pathlib import Path

import numpy as np
import pytest

from tinydigits.data.dataset import scaled
from tinydigits.formats.keras_bridge import keras_from_network, keras_predict
from tinydigits.formats.onnx import file as onnx_file
from tinydigits.formats.onnx.session import onnx_predict

FOLDERS = sorted(path.parent for path in Path(__file__).parents[1].glob("golden/*/network.onnx"))
BACK_ENDS = {
    "numpy": lambda network: network.predict,
    "keras": lambda network: keras_predict(keras_from_network(network)),
    "onnxruntime": lambda network: onnx_predict(network, "golden"),
}


def test_the_bundle_is_there():
    assert [folder.name for folder in FOLDERS] == ["cnn", "mlp", "modern", "odd", "pocket"]


@pytest.mark.parametrize("back_end", BACK_ENDS)
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_back_end_gives_the_golden_probabilities(folder, back_end):
    network, _ = onnx_file.read(folder / "network.onnx")
    found = BACK_ENDS[back_end](network)(np.load(folder / "images.npy"))
    assert np.abs(found - np.load(folder / "probabilities.npy")).max() < 1e-5


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_reference_gives_the_golden_logits(folder):
    network, _ = onnx_file.read(folder / "network.onnx")
    x = scaled(np.load(folder / "images.npy")).reshape(-1, *network.input_shape)
    assert np.allclose(network.logits(x), np.load(folder / "logits.npy"), atol=1e-4)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_bundles_files_are_written_the_same_today(folder):
    data = (folder / "network.onnx").read_bytes()
    assert onnx_file.to_bytes(*onnx_file.from_bytes(data, "golden")) == data
