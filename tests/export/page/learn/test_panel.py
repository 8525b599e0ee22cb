"""The panel trains in the page, in a worker, from disk."""

import json

import numpy as np
import pytest

from helpers.axe import needs_axe, serious_faults
from helpers.browser import needs_browser
from tinydigits.data.dataset import bundled, mnist_test
from tinydigits.export.learn_panel import learn_panel
from tinydigits.formats.model_file import load_network
from tinydigits.formats.onnx import file as onnx_file

pytestmark = needs_browser
# Milliseconds after which a training of few images has surely hung.
HUNG = 120_000


def state(page):
    return page.locator("#learn-state").text_content()


def wait_for(page, words):
    page.locator("#learn-state", has_text=words).wait_for(timeout=HUNG)


def test_training_on_few_images_raises_accuracy_epoch_by_epoch(learning):
    page = learning()
    page.click("#learn-start")
    wait_for(page, "Learnt in")
    rows = page.locator("#learn-epochs tr").all_inner_texts()
    right = [float(row.split("\t")[2].split()[0]) for row in rows]
    assert len(right) == 5
    assert right[-1] > right[0] > 10
    assert right[-1] > 60
    assert f"{right[-1]:.1f} % of the test images" in state(page)
    assert len(page.locator("#learn-curves .test").get_attribute("points").split()) == 5


def test_the_page_reads_with_what_was_learnt_and_with_its_own_net_again(learning):
    page = learning()
    weights = "JSON.stringify(Array.from(tinydigits.page.network.weights[0]))"
    own = page.evaluate(weights)
    page.click("#learn-start")
    wait_for(page, "Learnt in")
    assert page.evaluate(weights) == own
    told = (
        "new Promise((heard) => { tinydigits.page.on('network', heard); document.getElementById('learn-use').click() })"
    )
    page.evaluate(told)
    assert page.evaluate(weights) != own
    assert state(page) == "The page now reads with what was learnt here."
    page.click("#learn-back")
    assert page.evaluate(weights) == own


def test_what_was_learnt_is_saved_as_a_model_file_that_answers_as_the_page(learning, tmp_path):
    page = learning()
    assert page.locator("#learn-save").is_disabled()
    page.click("#learn-start")
    wait_for(page, "Learnt in")
    with page.expect_download() as started:
        page.click("#learn-save")
    assert started.value.suggested_filename == "cnn-learnt.onnx"
    started.value.save_as(tmp_path / "learnt.onnx")
    page.click("#learn-use")
    images = mnist_test()[:100].images
    answers = page.evaluate("(images) => Array.from(tinydigits.answer(images))", images.ravel().tolist())

    network, metadata = onnx_file.read(tmp_path / "learnt.onnx")
    assert np.abs(network.predict(images) - np.reshape(answers, (100, 10))).max() < 1e-5
    assert (metadata.name, metadata.scores, metadata.rejection) == ("cnn-learnt", {}, None)


def test_a_training_stops_and_goes_on(learning, panel):
    long = {**json.loads(panel.data["learn-settings"]), "epochs": 1000}
    page = learning(settings=json.dumps(long))
    page.click("#learn-start")
    page.locator("#learn-epochs tr").first.wait_for(timeout=HUNG)
    page.click("#learn-stop")
    wait_for(page, "Stopped.")
    now, epochs = page.locator("#learn-now").text_content(), page.locator("#learn-epochs tr").count()
    page.wait_for_timeout(300)
    assert page.locator("#learn-now").text_content() == now
    assert page.locator("#learn-stop").text_content() == "Go on"
    page.click("#learn-stop")
    page.locator("#learn-epochs tr").nth(epochs).wait_for(timeout=HUNG)
    assert page.locator("#learn-epochs tr").nth(epochs).inner_text().split()[0] == str(epochs + 1)


def test_a_module_that_this_browser_does_not_run_is_told_in_words(learning):
    page = learning(module="AGFzbQEAAAD/")
    page.click("#learn-start")
    wait_for(page, "This browser cannot train here")
    assert "Reading works as before" in state(page)
    assert page.locator("#learn-start").is_enabled()


@needs_axe
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_axe_finds_nothing_serious_in_the_panel(learning, width, scheme):
    page = learning()
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.click("#learn-start")
    wait_for(page, "Learnt in")
    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_panel_is_used_with_keys_alone(learning):
    page = learning()
    page.focus("#learn-start")
    page.keyboard.press("Enter")
    wait_for(page, "Learnt in")
    page.keyboard.press("Tab")  # "Stop" is disabled
    page.keyboard.press("Space")
    assert state(page) == "The page now reads with what was learnt here."


@pytest.mark.long
def test_the_original_net_learns_from_all_of_mnist_as_it_does_with_keras(learning):
    network, metadata = load_network("cnn")
    whole = learn_panel(network, metadata, bundled("train"), mnist_test())
    page = learning(**{name.removeprefix("learn-"): text for name, text in whole.data.items()})
    page.click("#learn-start")
    wait_for(page, "Learnt in")
    assert 95.5 <= float(state(page).split(": ")[1].split()[0]) <= 97.5
