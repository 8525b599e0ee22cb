"""A page that trains has the engine, the images and the settings in it."""

import base64
import gzip
import json

import numpy as np
import pytest

from tinydigits.errors import UnsupportedError
from tinydigits.export.learn_panel import learn_panel
from tinydigits.export.web_page import web_page
from tinydigits.formats.model_file import load_network


@pytest.fixture
def panel_of(few_digits):
    """Gives a function of a shipped net that returns its panel with few images."""
    return lambda name: learn_panel(*load_network(name), few_digits[:20], few_digits[20:30])


def test_images_and_labels_are_those_of_the_sets(panel_of, few_digits):
    data = panel_of("mlp").data
    images, labels = (
        np.frombuffer(gzip.decompress(base64.b64decode(data[f"learn-train-{part}"])), np.uint8)
        for part in ("images", "labels")
    )
    assert np.array_equal(images, few_digits.images[:20].ravel())
    assert np.array_equal(labels, few_digits.labels[:20])
    assert len(gzip.decompress(base64.b64decode(data["learn-test-labels"]))) == 10


def test_fresh_weights_are_as_keras_makes_them(panel_of):
    places = json.loads(panel_of("cnn").data["learn-settings"])["places"]
    limits = [place["limit"] for place in places]
    assert limits == pytest.approx([(6 / (4 + 20)) ** 0.5, None, (6 / 40) ** 0.5, None, (6 / 990) ** 0.5, None])
    normalisation = json.loads(panel_of("pocket").data["learn-settings"])["places"]
    assert {place["constant"] for place in normalisation if place["limit"] is None} == {0, 1}


def test_the_page_with_it_names_no_other_file(panel_of):
    network, metadata = load_network("cnn")
    page = web_page(network, metadata, [panel_of("cnn")])
    assert 'id="learn-worker"' in page
    assert "learn/panel.js" in page
    assert "learn" not in web_page(network, metadata)


def test_a_net_of_other_answers_than_the_ten_digits_is_refused(few_digits):
    with pytest.raises(UnsupportedError, match="11 answers"):
        learn_panel(*load_network("reader"), few_digits, few_digits)
