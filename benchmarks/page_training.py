"""How long a page takes to train `cnn` by its recipe, 5 epochs of 60,000 images, in a tab of Chromium.

    python benchmarks/page_training.py [--runs N]

The time is what the page itself shows: from the button "Start" to the end, with unpacking MNIST and, after each epoch,
answering the 10,000 test images. One thread. Needs Chromium and Playwright.
"""

from __future__ import annotations

import argparse
import re
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from machine import describe_machine
from playwright.sync_api import Page, sync_playwright

from tinydigits.data.dataset import bundled, mnist_test
from tinydigits.export.browser import found_browser
from tinydigits.export.learn_panel import learn_panel
from tinydigits.export.web_page import web_page
from tinydigits.formats.model_file import load_network

# Milliseconds after which a training has surely hung.
HUNG = 600_000
SHOWN = re.compile(r"Learnt in ([\d.]+) s: ([\d.]+) %")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    network, metadata = load_network("cnn")
    text = web_page(network, metadata, [learn_panel(network, metadata, bundled("train"), mnist_test())])
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder, "cnn.html")
        path.write_text(text, encoding="utf-8")
        chromium = playwright.chromium.launch(executable_path=found_browser(), args=["--no-sandbox"])
        print(describe_machine(), f"- Chromium {chromium.version}; `python benchmarks/page_training.py`", sep="\n")
        page = chromium.new_page()
        page.goto(path.as_uri())
        shown = [trained(page) for _ in range(runs)]
        chromium.close()
    print("", "| run | seconds | test images right |", "|---|---|---|", sep="\n")
    for number, (seconds, right) in enumerate(shown, 1):
        print(f"| {number} | {seconds:.1f} | {right:.1f} % |")
    print("", f"Median of {runs}: {statistics.median(seconds for seconds, _ in shown):.1f} s.", sep="\n")


def trained(page: Page) -> tuple[float, float]:
    """Trains once; returns seconds, and the percentage of test images that are right."""
    page.click("#learn-start")
    state = page.locator("#learn-state", has_text="Learnt in")
    state.wait_for(timeout=HUNG)
    seconds, right = SHOWN.match(state.text_content() or "").groups()  # type: ignore[union-attr]
    return float(seconds), float(right)


if __name__ == "__main__":
    main()
