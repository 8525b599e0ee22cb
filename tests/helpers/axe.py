"""What axe finds hard to use in a page."""

import importlib.util
from pathlib import Path

import pytest

AXE = importlib.util.find_spec("axe_playwright_python")
# What axe calls worse than moderate.
SERIOUS = ("serious", "critical")

needs_axe = pytest.mark.skipif(AXE is None, reason="axe is not here: pip install axe-playwright-python")


def serious_faults(page):
    """Returns what axe finds serious, as texts."""
    # A policy keeps scripts out that are added to the page; the debugger's own may run.
    page.evaluate((Path(AXE.origin).parent / "axe.min.js").read_text())
    found = page.evaluate("axe.run()")["violations"]
    return [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in found if fault["impact"] in SERIOUS]
