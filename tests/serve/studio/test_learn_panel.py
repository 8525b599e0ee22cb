"""The panel that trains in the browser, on the server's page, with MNIST from the server."""

import gzip
import json

import pytest

from helpers.browser import needs_browser
from helpers.drawing import Sheet
from helpers.runs import write_run
from helpers.served import running, without_reading_processes
from helpers.served_page import served_page
from tinydigits.export import learn_panel
from tinydigits.export.wasm import build
from tinydigits.formats.model_file import load_network
from tinydigits.serve import mnist
from tinydigits.serve.service import learning
from tinydigits.serve.settings import Settings

HUNG = 120_000


def test_a_net_that_can_be_trained_is_trained_itself_and_else_the_best_shipped_one():
    assert "learn-network" not in learning(*load_network("cnn")).data
    carried = learning(*load_network("reader")).data
    assert json.loads(carried["learn-network"])["name"] == "pocket"
    assert not any(name.endswith("-images") for name in carried)


def test_no_compiler_is_asked_for_a_net_of_ones_own(monkeypatch):
    monkeypatch.setattr(build, "compiled", lambda plan: 1 / 0)
    monkeypatch.setattr(learn_panel, "shipped_module_for", lambda plan: None)
    monkeypatch.setattr("tinydigits.serve.service.model_file.DEFAULT", "pocket")
    with pytest.raises(learn_panel.UnsupportedError, match="a net of one's own"):
        learn_panel.served_learn_panel(*load_network("cnn"))


@pytest.fixture
def few_images(monkeypatch):
    """MNIST is short: the server gives only its first images."""

    def cut(name):
        size = 3_000 if name.startswith("train") else 500
        head, item = (16, 784) if name.endswith("images") else (8, 1)
        return gzip.compress(gzip.decompress(mnist.stored_bytes(mnist.FILES[name]))[: head + size * item], 1)

    monkeypatch.setattr(mnist, "checked", cut)


def wait_for(page, words):
    page.locator("#learn-state", has_text=words).wait_for(timeout=HUNG)


def weights(page):
    return page.evaluate("JSON.stringify(Array.from(tinydigits.page.network.weights[0]))")


@needs_browser
@pytest.mark.usefixtures("few_images")
def test_a_net_is_trained_here_while_another_reads_and_a_run_may_read_meanwhile(chromium, tmp_path, monkeypatch):
    without_reading_processes(monkeypatch)
    write_run(tmp_path / "a", net="mlp")
    with running(Settings(runs=tmp_path)) as server, served_page(chromium, server.port) as page:
        sheet = Sheet(page)
        sheet.digit(7)
        own = weights(page)
        assert "of the layers of pocket" in page.locator("#learn-about").text_content()
        page.click("#learn-start")
        page.locator("#learn-epochs tr").first.wait_for(timeout=HUNG)
        page.click("#learn-stop")
        wait_for(page, "Stopped.")
        page.click("#learn-use")
        wait_for(page, "The page now reads with what was learnt here.")
        assert page.locator("h1").text_content() == "pocket reads digits"
        assert page.locator("#about").text_content() == "A net that was trained in this page."
        page.locator("#runs-rows button", has_text="a").click()
        page.locator("#runs-use:enabled").click()
        wait_for(page, "The page now reads with the net of a run.")
        assert page.locator("h1").text_content() == "a reads digits"
        assert page.locator("#learn-use").is_enabled()
        page.click("#learn-back")
        wait_for(page, "The page reads with its own net again.")
        assert weights(page) == own
        assert sheet.number == "7"


@needs_browser
@pytest.mark.usefixtures("few_images")
def test_a_net_that_is_served_is_trained_itself_and_a_server_without_images_is_told(chromium, tmp_path, monkeypatch):
    without_reading_processes(monkeypatch)
    with (
        running(Settings(model="mlp", runs=tmp_path)) as server,
        served_page(chromium, server.port, expected=("ERR_FAILED",)) as page,
    ):
        page.route("**/v1/mnist/**", lambda route: route.abort())
        page.click("#learn-start")
        wait_for(page, "This browser cannot train here")
        page.unroute("**/v1/mnist/**")
        page.click("#learn-start")
        page.locator("#learn-epochs tr").first.wait_for(timeout=HUNG)
        own = weights(page)
        page.click("#learn-use")
        assert weights(page) != own
        assert page.locator("h1").text_content() == "mlp reads digits"
