"""What the page computes beside the net is what the Python package computes."""

import json

import numpy as np
import pytest

from helpers.browser import needs_browser, page_with
from tinydigits.data.dataset import scaled
from tinydigits.export.web_page import described
from tinydigits.formats.model_file import from_network, load_network
from tinydigits.reader.normalise import normalise
from tinydigits.reader.recogniser import recogniser_of

pytestmark = needs_browser
ENTRY = """
import { calibrated } from "./confidence.js";
import { forward } from "./net.js";
import { networkOf } from "./network.js";
import { normalise } from "./normalise.js";
window.normalised = ({ data, height, width }) => {
  const image = normalise({ data: Float32Array.from(data), height, width });
  return image && Array.from(image);
};
window.judged = (model, images) => {
  const network = networkOf(model);
  return images.map((image) => calibrated(network, Uint8Array.from(image), forward(network, image).probabilities));
};
"""


@pytest.fixture(scope="module")
def page(chromium):
    with page_with(chromium, ENTRY) as opened:
        yield opened


def normalised(page, ink):
    height, width = ink.shape
    image = page.evaluate(
        "(ink) => window.normalised(ink)", {"data": ink.ravel().tolist(), "height": height, "width": width}
    )
    return None if image is None else np.reshape(image, (28, 28))


def drawn(seed):
    """Bars of any size, of uneven ink: the centre of mass of an even one can lie exactly between two pixels."""
    random = np.random.default_rng(seed)
    ink = np.zeros(random.integers(3, 90, 2), np.float32)
    for _ in range(random.integers(1, 8)):
        y, x = (random.integers(0, side - 2) for side in ink.shape)
        ink[y : y + random.integers(3, 40), x : x + random.integers(3, 40)] = random.integers(1, 256) / 255
    return ink * random.uniform(0.5, 1, ink.shape).astype(np.float32)


def test_any_ink_is_normalised_as_in_python(page):
    """A sum in another order may round a half the other way."""
    differences = [np.abs(normalised(page, drawn(seed)) - normalise(drawn(seed))) for seed in range(60)]
    assert max(difference.max() for difference in differences) <= 1
    assert np.count_nonzero(differences) < np.size(differences) / 1000


def test_mnists_own_images_come_back_as_they_were(page, whole_mnist):
    images = whole_mnist.test.images[:60]
    for image in images[images.max(axis=(1, 2)) == 255]:
        assert np.array_equal(normalised(page, scaled(image)), image)


def test_no_ink_is_no_image(page):
    assert normalised(page, np.zeros((5, 9), np.float32)) is None


@pytest.mark.parametrize("model", ["pocket-1k", "cnn", "reader"])
def test_confidence_and_no_digit_are_those_of_the_reader(page, whole_mnist, model):
    network, metadata = load_network(model)
    strange = np.random.default_rng(0).integers(0, 256, (20, 28, 28)).astype(np.uint8)
    images = np.concatenate(
        (whole_mnist.test.images[:60], strange, np.rot90(whole_mnist.test.images[:20], axes=(1, 2)))
    )
    expected = np.exp(recogniser_of(from_network(network, metadata)).logarithms(images))
    described_net = json.loads(json.dumps(described(network, metadata)))
    answered = page.evaluate(
        "([model, images]) => window.judged(model, images)", [described_net, images.reshape(-1, 784).tolist()]
    )
    assert np.allclose(answered, expected, atol=1e-4)
    assert expected[:, 10].max() > 0.9
