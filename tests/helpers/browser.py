"""A real browser without a window, for tests of pages."""

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tinydigits.export.inline import Module, inlined
from tinydigits.export.web_page import modules

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def missing():
    """Returns what a test in the browser lacks here; nothing if nothing."""
    if importlib.util.find_spec("playwright") is None:
        return "no playwright, the Python package"
    return "" if CHROMIUM else "no chromium"


needs_browser = pytest.mark.skipif(bool(missing()), reason=f"a page is tested in a browser: {missing()}")


@contextmanager
def browser() -> Iterator:
    """Starts Chromium, and ends it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def page_with(chromium, script: str) -> Iterator:
    """An empty page in which a script runs that may import the modules of the exported page."""
    page = chromium.new_page()
    page.add_script_tag(content=inlined([*modules(), Module("entry.js", script)], "entry.js"))
    try:
        yield page
    finally:
        page.close()
