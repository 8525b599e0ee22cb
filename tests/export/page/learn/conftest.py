"""The page of `cnn` that trains, with few of MNIST's images in it."""

import pytest

from tinydigits.data.dataset import bundled, mnist_test
from tinydigits.export.learn_panel import learn_panel
from tinydigits.export.web_page import Panel, web_page
from tinydigits.formats.model_file import load_network


@pytest.fixture(scope="module")
def panel():
    network, metadata = load_network("cnn")
    return learn_panel(network, metadata, bundled("train")[:3000], mnist_test()[:1000])


@pytest.fixture
def learning(chromium, panel, tmp_path):
    """Gives a function that opens the page of `cnn` with some of the panel's data replaced; no error may show."""
    faults, contexts = [], []

    def open_page(**changes):
        path = tmp_path / "page.html"
        data = {**panel.data, **{f"learn-{name}": text for name, text in changes.items()}}
        path.write_text(web_page(*load_network("cnn"), [Panel(panel.name, data)]), encoding="utf-8")
        contexts.append(chromium.new_context())
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
