"""How long a page takes to train `cnn` by its recipe, 5 epochs of 60,000 images, in a tab of Chromium.

    python benchmarks/page_training.py [--runs N] [--tfjs FOLDER]

The time is what the page itself shows: from the button "Start" to the end, with unpacking MNIST and, after each epoch,
answering the 10,000 test images. One thread. Needs Chromium and Playwright.

FOLDER is where `npm install @tensorflow/tfjs` was run. Then TensorFlow.js trains the same net in the same browser, in
turn, on a few images by its CPU backend; its WebAssembly backend has no gradients of these layers.
"""

from __future__ import annotations

import argparse
import re
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from machine import describe_machine
from playwright.sync_api import Browser, Page, sync_playwright

from tinydigits.data.dataset import bundled, mnist_test
from tinydigits.export.browser import found_browser
from tinydigits.export.learn_panel import learn_panel
from tinydigits.export.web_page import web_page
from tinydigits.formats.model_file import load_network

# Of `cnn`.
PARAMETERS = 9_940
# Milliseconds after which a training has surely hung.
HUNG = 600_000
# Images that TensorFlow.js is timed on, after as many that warm it up: an epoch of all would take many minutes.
TFJS_IMAGES = 1_024
TFJS_NET = """async (count) => {
  await tf.setBackend("cpu")
  const layers = [
    tf.layers.conv2d({inputShape: [28, 28, 1], filters: 5, kernelSize: 2, padding: "same", activation: "relu"}),
    tf.layers.maxPooling2d({poolSize: 2}),
    tf.layers.conv2d({filters: 5, kernelSize: 2, padding: "same", activation: "relu"}),
    tf.layers.flatten(),
    tf.layers.dropout({rate: 0.5}),
    tf.layers.dense({units: 10, activation: "softmax"}),
  ]
  const net = tf.sequential({layers})
  net.compile({optimizer: tf.train.adam(0.001), loss: "meanSquaredError", metrics: ["accuracy"]})
  const images = tf.randomUniform([count, 28, 28, 1])
  const answers = tf.oneHot(tf.randomUniform([count], 0, 10, "int32"), 10)
  const options = {batchSize: 32, epochs: 1, yieldEvery: "never"}
  await net.fit(images, answers, options)
  const start = performance.now()
  await net.fit(images, answers, options)
  return [net.countParams(), (performance.now() - start) / 1000]
}"""
SHOWN = re.compile(r"Learnt in ([\d.]+) s: ([\d.]+) %")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tfjs", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    runs = given.runs
    network, metadata = load_network("cnn")
    text = web_page(network, metadata, [learn_panel(network, metadata, bundled("train"), mnist_test())])
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder, "cnn.html")
        path.write_text(text, encoding="utf-8")
        chromium = playwright.chromium.launch(executable_path=found_browser(), args=["--no-sandbox"])
        print(describe_machine(), f"- Chromium {chromium.version}; `python benchmarks/page_training.py`", sep="\n")
        page = chromium.new_page()
        page.goto(path.as_uri())
        shown, others = [], []
        for _ in range(runs):
            shown.append(trained(page))
            if given.tfjs is not None:
                others.append(trained_by_tfjs(chromium, given.tfjs))
        chromium.close()
    print("", "| run | seconds | test images right |", "|---|---|---|", sep="\n")
    for number, (seconds, right) in enumerate(shown, 1):
        print(f"| {number} | {seconds:.1f} | {right:.1f} % |")
    median = statistics.median(seconds for seconds, _ in shown)
    print("", f"Median of {runs}: {median:.1f} s.", sep="\n")
    if others:
        epoch = statistics.median(others) * 60_000 / TFJS_IMAGES
        each = ", ".join(f"{seconds:.2f}" for seconds in others)
        print("", f"TensorFlow.js by its CPU backend: {each} s for {TFJS_IMAGES:,} images, so about", sep="\n")
        print(f"{epoch:,.0f} s an epoch, and {5 * epoch / median:,.0f} times the page's time for five.")


def trained(page: Page) -> tuple[float, float]:
    """Trains once; returns seconds, and the percentage of test images that are right."""
    page.click("#learn-start")
    state = page.locator("#learn-state", has_text="Learnt in")
    state.wait_for(timeout=HUNG)
    seconds, right = SHOWN.match(state.text_content() or "").groups()  # type: ignore[union-attr]
    return float(seconds), float(right)


def trained_by_tfjs(chromium: Browser, folder: Path) -> float:
    """Trains the same net with TensorFlow.js; returns the seconds for `TFJS_IMAGES` images."""
    page = chromium.new_page()
    page.add_script_tag(path=folder / "node_modules/@tensorflow/tfjs/dist/tf.min.js")
    parameters, seconds = page.evaluate(TFJS_NET, TFJS_IMAGES)
    page.close()
    if parameters != PARAMETERS:
        raise ValueError(f"TensorFlow.js: found a net of {parameters:,} parameters, expected {PARAMETERS:,}")
    return float(seconds)


if __name__ == "__main__":
    main()
