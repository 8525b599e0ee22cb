"""Writes a net as one web page, and proves what was written in a browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tinydigits.arrays import Float32Array
from tinydigits.data.dataset import Dataset, mnist_test
from tinydigits.export import browser, prove
from tinydigits.export.outcome import Outcome, refuse_taken
from tinydigits.export.web_page import Panel, web_page
from tinydigits.formats.model_file import from_network
from tinydigits.formats.onnx.file import Metadata
from tinydigits.network.network import Network
from tinydigits.reader.recogniser import recogniser_of
from tinydigits.system.atomic import new_file

# The page may answer otherwise than ONNX Runtime where the two probabilities are at most this far apart: the sums are
# rounded in another order.
DOUBT = 1e-5
UNPROVEN = (
    "the page is unproven: no Chromium here. Install one (`apt install chromium`, or Google Chrome), and export again."
)


def export_html(
    network: Network,
    metadata: Metadata,
    path: Path,
    *,
    panels: Sequence[Panel] = (),
    on_warning: Callable[[str], None],
    overwrite: bool = False,
    dataset: Dataset | None = None,
) -> Outcome:
    """Writes `network` as a page to the file `path`; in a browser, the page answers `dataset` first.

    Args:
        panels: parts of the page that may be left out.
        dataset: images that the proof checks; None for MNIST's 10,000 test images.

    Raises:
        ModelError: the net does not read the ten digits, or has a layer that the page does not compute.
        ImageShapeError: it does not take images of 28×28.
        OutputError: `path` exists, or cannot be written.
        BrowserError: the browser does not run the page.
    """
    refuse_taken(path, overwrite)
    loaded = from_network(network, metadata)
    recogniser_of(loaded)  # refuses nets that read no digits
    dataset = dataset or mnist_test()
    page = web_page(network, metadata, panels)
    expected = loaded.predict(dataset.images)
    proof = proven(page, dataset, expected, on_warning)
    with new_file(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return Outcome(
        to="html",
        path=str(path),
        bytes=len(page.encode()),
        checked_images=proof.checked,
        disagreements=len(proof.wrong),
        max_abs_difference=proof.largest,
        accuracy=float(np.mean(expected.argmax(axis=1) == dataset.labels)),
        differing=tuple(map(int, proof.wrong[: prove.MOST_NAMED])),
    )


def proven(page: str, dataset: Dataset, expected: Float32Array, on_warning: Callable[[str], None]) -> prove.Proof:
    """Returns what the comparison found; of no images where there is no browser."""
    command = browser.found_browser()
    if command is None:
        on_warning(UNPROVEN)
        return prove.Proof(0, np.zeros(0, np.int64), 0.0)
    return prove.compared_probabilities(browser.answers(command, page, dataset.images), expected, DOUBT)
