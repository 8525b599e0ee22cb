"""The ways to answer images that `inference.py` measures, each made by the command that a user would run."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from tinydigits.data.dataset import mnist, mnist_test, model_input, scaled
from tinydigits.engine.predict import predictor
from tinydigits.export.export_c import Options, export_c
from tinydigits.export.export_litert import export_litert
from tinydigits.export.export_onnx import export_onnx
from tinydigits.export.web_page import web_page
from tinydigits.formats.keras_bridge import keras_from_network
from tinydigits.formats.model_file import load_network
from tinydigits.formats.onnx.session import session_of
from tinydigits.system.backend import import_keras, silenced_stderr

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from helpers.browser import browser

# Images at once where many are answered.
BATCH = 250
KERAS_BATCH = 1000
# Images that prove an export here; `tinydigits export` takes all.
PROVEN = 100
LOOP = """
#define DIGITS_IMPLEMENTATION
#include "net.h"
void answer(const uint8_t *images, long long *labels, long long count) {
  SCORE scores[10];
  for (long long i = 0; i < count; i++) labels[i] = digits_predict(images + 784 * i, scores);
}
"""
COMPILE = ("cc", "-std=c99", "-O3", "-march=native", "-shared", "-fPIC", "loop.c", "-o", "loop.so")
IN_PAGE = """
([pixels, size]) => {
  const images = Uint8Array.from(atob(pixels), (character) => character.charCodeAt(0));
  const labels = [];
  for (let at = 0; at < images.length; at += 784 * size) {
    const found = window.tinydigits.answer(images.subarray(at, at + 784 * size));
    for (let i = 0; i < found.length; i += 10) {
      const row = found.subarray(i, i + 10);
      labels.push(row.indexOf(Math.max(...row)));
    }
  }
  return labels;
}
"""

Labels = np.ndarray


@dataclass(frozen=True)
class Way:
    """A way to answer images, uint8 [n, 28, 28]; both functions return labels, int64 [n].

    Attributes:
        one: answers the first `n` images, one call each.
        many: answers all images, as many at once as the way likes.
    """

    name: str
    one: Callable[[np.ndarray, int], Labels]
    many: Callable[[np.ndarray], Labels]


@contextmanager
def ways(net: str, folder: Path) -> Iterator[list[Way]]:
    """Gives all ways to run a shipped net; `folder` holds what is made for them."""
    network, metadata = load_network(net)
    proof = {"calibration": mnist().train.images, "dataset": mnist_test()[:PROVEN]}
    found = []
    for form in ("float32", "int8"):
        place = folder / form
        place.mkdir()
        int8 = form == "int8"
        options = Options(int8=int8, single_header=True)
        export_c(network, net, place / "net.h", options, on_warning=print, **proof)
        found.append(by_c(form, place))
        export_onnx(network, metadata, place / "net.onnx", int8=int8, **proof)
        found.append(by_onnx(form, place / "net.onnx"))
        export_litert(network, metadata, place / "net.tflite", int8=int8, on_warning=print, **proof)
        found.append(by_litert(form, place / "net.tflite", network.input_shape))
    found.append(in_batches("tinydigits' engine", predictor(network), len(mnist_test())))
    found.extend(by_keras(network))
    with browser() as chromium:
        page = chromium.new_page()
        page.set_content(web_page(network, metadata))
        found.append(by_page(page))
        yield sorted(found, key=lambda way: ORDER.index(way.name.split(",")[0]))


ORDER = [
    "C",
    "tinydigits' engine",
    "ONNX Runtime",
    "LiteRT",
    "page in Chromium",
    "Keras `model(x)`",
    "Keras `model.predict`",
]


def in_batches(name: str, probabilities: Callable[[np.ndarray], np.ndarray], batch: int) -> Way:
    """A way that answers batches of any size."""

    def many(images: np.ndarray) -> Labels:
        parts = [probabilities(images[at : at + batch]).argmax(axis=1) for at in range(0, len(images), batch)]
        return np.concatenate(parts)

    def one(images: np.ndarray, calls: int) -> Labels:
        return np.array([probabilities(images[at : at + 1]).argmax() for at in range(calls)])

    return Way(name, one, many)


def by_c(form: str, folder: Path) -> Way:
    (folder / "loop.c").write_text(LOOP)
    score = "int32_t" if form == "int8" else "float"
    subprocess.run((*COMPILE, f"-DSCORE={score}"), cwd=folder, check=True)
    library = ctypes.CDLL(str(folder / "loop.so"))

    def many(images: np.ndarray) -> Labels:
        labels, pixels = np.zeros(len(images), np.int64), np.ascontiguousarray(images)
        library.answer(pixels.ctypes, labels.ctypes, ctypes.c_longlong(len(images)))
        return labels

    return Way(f"C, {form}", lambda images, calls: many(images[:calls]), many)


def by_onnx(form: str, path: Path) -> Way:
    session = session_of(path.read_bytes())
    shape = session.get_inputs()[0].shape[1:]

    def probabilities(images: np.ndarray) -> np.ndarray:
        return session.run(["probabilities"], {"image": scaled(images).reshape(-1, *shape)})[0]

    return in_batches(f"ONNX Runtime, {form}", probabilities, BATCH)


def by_litert(form: str, path: Path, shape: tuple[int, ...]) -> Way:
    from ai_edge_litert.interpreter import Interpreter

    @cache
    def interpreter_of(batch: int) -> Interpreter:
        with silenced_stderr():
            interpreter = Interpreter(str(path), num_threads=1)
            interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], (batch, *shape))
            interpreter.allocate_tensors()
        return interpreter

    given, wanted = interpreter_of(1).get_input_details()[0], interpreter_of(1).get_output_details()[0]

    def outputs(images: np.ndarray) -> np.ndarray:
        interpreter, x = interpreter_of(len(images)), images.reshape(-1, *shape)
        interpreter.set_tensor(given["index"], (x ^ 128).view(np.int8) if form == "int8" else scaled(x))
        interpreter.invoke()
        return interpreter.get_tensor(wanted["index"])

    return in_batches(f"LiteRT, {form}", outputs, BATCH)


def by_keras(network) -> list[Way]:
    import_keras()
    model = keras_from_network(network)

    def called(images: np.ndarray) -> np.ndarray:
        return np.asarray(model(model_input(images, network.input_shape, pixels="0-1"), training=False))

    def predicted(images: np.ndarray) -> np.ndarray:
        return model.predict(model_input(images, network.input_shape, pixels="0-1"), batch_size=KERAS_BATCH, verbose=0)

    return [
        in_batches("Keras `model(x)`", called, KERAS_BATCH),
        in_batches("Keras `model.predict`", predicted, len(mnist_test())),
    ]


def by_page(page) -> Way:
    """The page's own forward pass; handing the images over is part of its time, as little as it is."""
    import base64

    def answer(images: np.ndarray, size: int) -> Labels:
        return np.array(page.evaluate(IN_PAGE, [base64.b64encode(images.tobytes()).decode(), size]))

    return Way(
        "page in Chromium, float32", lambda images, calls: answer(images[:calls], 1), lambda images: answer(images, 100)
    )
