"""Pages opened from disk in a browser that reaches no network."""

from contextlib import contextmanager

import pytest

from helpers.drawing import Sheet
from tinydigits.export.web_page import web_page
from tinydigits.formats.model_file import load_network


@pytest.fixture(scope="session")
def page_file(tmp_path_factory):
    """Gives a function that writes the page of a shipped net once, and returns its path."""
    folder = tmp_path_factory.mktemp("pages")

    def path_of(model):
        path = folder / f"{model}.html"
        if not path.exists():
            path.write_text(web_page(*load_network(model)), encoding="utf-8")
        return path

    return path_of


@pytest.fixture
def opened(chromium, page_file):
    """Gives a context of a page: `with opened("pocket", width=360) as sheet`. Errors and requests fail the test."""

    @contextmanager
    def open_page(model="pocket", width=1024, scheme="light", **options):
        context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, **options)
        page = context.new_page()
        faults = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: faults.append(request.url) if requested(request.url) else None)
        try:
            page.goto(page_file(model).as_uri())
            yield Sheet(page)
            assert faults == []
        finally:
            context.close()

    return open_page


def requested(url):
    """Returns whether something outside the page was asked for."""
    return not url.startswith(("file:", "data:", "blob:"))
