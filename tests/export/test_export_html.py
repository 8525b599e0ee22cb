"""Pages end with a proof of what was written."""

import numpy as np
import pytest

from helpers.browser import CHROMIUM
from helpers.networks import random_weights
from tinydigits.errors import BrowserError, ImageShapeError, ModelError, OutputError
from tinydigits.export import browser
from tinydigits.export import export_html as module
from tinydigits.export.export_html import export_html
from tinydigits.formats.model_file import load_network
from tinydigits.formats.onnx.file import Metadata
from tinydigits.network.layers import Dense, Flatten
from tinydigits.network.network import Network

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="the proof is made in Chromium, which is not here")


@pytest.fixture
def exported(few_digits, tmp_path):
    """Gives a function that exports `mlp`, or another net, and returns the outcome, the path and the warnings."""

    def run(model="mlp", network=None, **options):
        path, warnings = tmp_path / "out.html", []
        own, metadata = load_network(model)
        dataset = few_digits[:100]
        outcome = export_html(network or own, metadata, path, on_warning=warnings.append, dataset=dataset, **options)
        return outcome, path, warnings

    return run


@needs_chromium
@pytest.mark.parametrize("model", ["mlp", "cnn", "pocket-1k", "reader"])
def test_the_page_answers_every_image_as_onnx_runtime_does(exported, model):
    outcome, path, warnings = exported(model)
    assert (outcome.checked_images, outcome.disagreements, warnings) == (100, 0, [])
    assert 0 < outcome.max_abs_difference < 1e-5
    assert outcome.bytes == path.stat().st_size


@needs_chromium
def test_a_difference_in_one_weight_is_found(exported, monkeypatch):
    right = module.web_page

    def wrong(network, metadata, panels):
        last = network.layers[-2]
        bias = last.bias + np.float32(100) * (np.arange(10) == 3)
        layers = (*network.layers[:-2], Dense(last.kernel, bias), network.layers[-1])
        return right(Network(network.input_shape, layers), metadata, panels)

    monkeypatch.setattr(module, "web_page", wrong)
    outcome, path, _ = exported()
    assert outcome.disagreements > 50
    assert len(outcome.differing) == 10
    assert path.exists()


@needs_chromium
def test_a_page_that_fails_says_why(exported, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "web_page", lambda *arguments: "<!doctype html>")
    with pytest.raises(BrowserError, match="TypeError"):
        exported()
    assert list(tmp_path.iterdir()) == []


def test_a_browser_that_does_not_start_says_so(exported, monkeypatch):
    monkeypatch.setattr(browser, "found_browser", lambda: "false")
    with pytest.raises(BrowserError, match="exit status 1"):
        exported()


def test_without_a_browser_the_export_is_unproven(exported, monkeypatch):
    monkeypatch.setattr(browser, "found_browser", lambda: None)
    outcome, path, warnings = exported()
    assert (outcome.checked_images, outcome.disagreements) == (0, 0)
    assert "unproven" in warnings[0]
    assert "apt install chromium" in warnings[0]
    assert path.exists()


def test_what_exists_is_kept_unless_told_otherwise(exported, monkeypatch, tmp_path):
    monkeypatch.setattr(browser, "found_browser", lambda: None)
    path = tmp_path / "out.html"
    path.write_text("mine")
    with pytest.raises(OutputError, match="--overwrite"):
        exported()
    assert path.read_text() == "mine"
    exported(overwrite=True)
    assert path.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("at", [(browser, "answers"), (module, "new_file")])
def test_an_interruption_leaves_nothing(exported, monkeypatch, at, tmp_path):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(browser, "found_browser", lambda: "chromium")
    monkeypatch.setattr(browser, "answers", lambda command, page, images: np.zeros((len(images), 10), np.float32))
    monkeypatch.setattr(*at, interrupted)
    with pytest.raises(KeyboardInterrupt):
        exported()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("shape", "classes", "error"), [((28, 28), 7, ModelError), ((14, 14), 10, ImageShapeError)])
def test_a_net_that_reads_no_digits_is_refused(tmp_path, shape, classes, error):
    kernel = random_weights(np.random.default_rng(0), shape[0] * shape[1], classes)
    network = Network(shape, (Flatten(), Dense(kernel, None)))
    with pytest.raises(error):
        export_html(network, Metadata("net"), tmp_path / "net.html", on_warning=print)
    assert list(tmp_path.iterdir()) == []
