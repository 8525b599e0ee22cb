"""The page's forward pass replays the golden bundle, as every back end does."""

import base64
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from helpers.browser import needs_browser
from helpers.networks import images_for, networks
from tinydigits.export.inline import Module, inlined
from tinydigits.export.web_page import described, modules
from tinydigits.formats.onnx.file import Metadata, read

pytestmark = needs_browser
GOLDEN = Path(__file__).parents[2] / "golden"
ENTRY = """
import { forward } from "./net.js";
import { networkOf } from "./network.js";
window.answer = (model, text) => {
  const images = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return Object.fromEntries(Object.entries(forward(networkOf(model), images)).map(([name, values]) =>
    [name, name === "activations" ? values.map((map) => map.length) : Array.from(values)]));
};
"""


@pytest.fixture(scope="module")
def answer(chromium):
    """Gives a function of a network and images that returns what `forward` does."""
    page = chromium.new_page()
    page.add_script_tag(content=inlined([*modules(), Module("entry.js", ENTRY)], "entry.js"))

    def ask(network, images, metadata=None):
        text = base64.b64encode(np.ascontiguousarray(images).tobytes()).decode()
        model = described(network, metadata or Metadata("net"))
        return page.evaluate("([model, images]) => window.answer(model, images)", [model, text])

    yield ask
    page.close()


@pytest.mark.parametrize("name", ["cnn", "mlp", "modern", "odd", "pocket"])
def test_the_golden_bundle(answer, name):
    network, metadata = read(GOLDEN / name / "network.onnx")
    images, logits, probabilities = (
        np.load(GOLDEN / name / f"{kind}.npy") for kind in ("images", "logits", "probabilities")
    )
    answered = answer(network, images, metadata)
    assert np.allclose(np.reshape(answered["logits"], logits.shape), logits, rtol=1e-4, atol=1e-4)
    assert np.allclose(np.reshape(answered["probabilities"], logits.shape), probabilities, atol=1e-5)
    shapes = [layer.output_shape(shape) for layer, shape in network.steps()]
    assert answered["activations"] == [len(images) * int(np.prod(shape)) for shape in shapes]


def test_pixels_of_0_to_255_are_not_scaled(answer):
    network, _ = read(GOLDEN / "mlp" / "network.onnx")
    images = np.load(GOLDEN / "mlp" / "images.npy")
    answered = answer(network, images, Metadata("net", pixels="0-255"))
    expected = network.logits(images.reshape(-1, *network.input_shape).astype(np.float64))
    assert np.allclose(np.reshape(answered["logits"], expected.shape), expected, rtol=1e-4)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(network=networks())
def test_any_network_answers_as_numpy_does(answer, network):
    images = images_for(network)
    expected = network.logits(images.reshape(-1, *network.input_shape) / np.float64(255))
    answered = np.reshape(answer(network, images)["logits"], expected.shape)
    assert np.allclose(answered, expected, rtol=1e-4, atol=1e-4 * max(1, np.abs(expected).max()))
