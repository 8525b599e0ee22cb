"""Whether every way to run the shipped nets reads the same digits: all 10,000 labels of MNIST's test images.

    python benchmarks/platforms.py [NET …]

A line a way, a column a net: how many of the 10,000 labels differ from the reference's. That is NumPy's float32
forward pass (`Network`) for the float ways, and NumPy's whole numbers (`export/reference.py`) for those of 8 bits. A
dash is a way that this machine does not have, or that does not take that net; the reasons stand below the table.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from machine import describe_machine

from tinydigits.data.dataset import mnist, mnist_test
from tinydigits.engine.compiler import build
from tinydigits.engine.predict import predictor
from tinydigits.errors import TinydigitsError, first_line
from tinydigits.export import browser, prove
from tinydigits.export.export_c import Options, code_files, planned
from tinydigits.export.export_onnx import answers_of, int8_form
from tinydigits.export.outcome import float_scores
from tinydigits.export.quantise import CALIBRATION_IMAGES, quantise
from tinydigits.export.reference import scores as integer_scores
from tinydigits.export.stages import stages_of
from tinydigits.export.web_page import web_page
from tinydigits.formats.keras_bridge import keras_from_network, keras_predict
from tinydigits.formats.model_file import READER, SHIPPED, load_network
from tinydigits.formats.onnx.file import Metadata
from tinydigits.formats.onnx.session import onnx_predict
from tinydigits.network.network import Network
from tinydigits.system import backend

BACKENDS = ("tensorflow", "jax", "torch")
# What makes gcc and clang forget the processor's wider vectors, by lanes.
NARROWER = {16: "", 8: "-mno-avx512f", 4: "-mno-avx"}
COMPILERS = ("gcc", "clang")
# Longest time for one net in another process, in seconds.
LIMIT = 600


@dataclass(frozen=True, eq=False)
class Net:
    """A shipped net, the images, and the labels of the references, int64 [n]; None where it cannot be quantised."""

    name: str
    network: Network
    metadata: Metadata
    images: np.ndarray
    calibration: np.ndarray
    by_float: np.ndarray
    by_integers: np.ndarray | None


class Absent(Exception):  # noqa: N818 - no error: this machine lacks something
    """Why a way cannot be taken."""


Way = Callable[[Net], np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nets", nargs="*", default=[*SHIPPED, READER])
    parser.add_argument("--keras", nargs=2, metavar=("NET", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.keras:
        name, file = arguments.keras
        np.save(file, by_keras(load_network(name)[0]), allow_pickle=False)
        return
    nets = [net_of(name) for name in arguments.nets]
    command = " ".join(["python", "benchmarks/platforms.py", *sys.argv[1:]])
    print(describe_machine(), f"- `{command}`", "", sep="\n")
    print(f"| way | {' | '.join(f'`{net.name}`' for net in nets)} |", "|---" * (len(nets) + 1) + "|", sep="\n")
    reasons: dict[str, None] = {}
    for title, way, integers in ways():
        cells = [cell(title, way, net, net.by_integers if integers else net.by_float, reasons) for net in nets]
        print(f"| {title} | {' | '.join(cells)} |", flush=True)
    print("", *(f"- {reason}" for reason in reasons), sep="\n")


def net_of(name: str) -> Net:
    network, metadata = load_network(name)
    images, calibration = mnist_test().images, mnist().train.images[:CALIBRATION_IMAGES]
    by_float = float_scores(network, images).argmax(axis=1)
    return Net(name, network, metadata, images, calibration, by_float, by_whole_numbers(network, images, calibration))


def by_whole_numbers(network: Network, images: np.ndarray, calibration: np.ndarray) -> np.ndarray | None:
    try:
        return integer_scores(quantise(stages_of(network), calibration), images).argmax(axis=1)
    except TinydigitsError:  # whose words stand in the table's notes: every way in whole numbers meets the same
        return None


def cell(title: str, way: Way, net: Net, expected: np.ndarray | None, reasons: dict[str, None]) -> str:
    """How many labels differ; a dash where the way cannot be taken, and why is noted."""
    try:
        return f"{int(np.sum(way(net) != expected)):,}"
    except Absent as absence:
        reasons[f"{title}: {absence}"] = None
    except TinydigitsError as error:
        reasons[f"{title}, {net.name}: {first_line(error)}"] = None
    return "–"


def ways() -> Iterator[tuple[str, Way, bool]]:
    """Title, way, and whether it computes in whole numbers."""
    for name in BACKENDS:
        yield f"Keras on {name}", partial(by_keras_elsewhere, backend_name=name), False
    yield "ONNX Runtime", by_onnx, False
    for compiler in COMPILERS:
        for lanes in NARROWER:
            yield f"engine, {compiler}, {lanes} lanes", partial(by_engine, compiler=compiler, lanes=lanes), False
    for compiler in COMPILERS:
        yield f"C float32, {compiler}", partial(by_c, compiler=compiler, int8=False), False
    yield "page, Chromium", by_page, False
    for compiler in COMPILERS:
        yield f"C int8, {compiler}", partial(by_c, compiler=compiler, int8=True), True
    yield "ONNX Runtime, int8", by_integer_onnx, True
    yield "the int8 reference, from the float one", rounded, False


def by_keras(network: Network) -> np.ndarray:
    """By Keras on the backend of this process."""
    backend.import_keras()
    return keras_predict(keras_from_network(network), "0-1")(mnist_test().images).argmax(axis=1)


def by_keras_elsewhere(net: Net, backend_name: str) -> np.ndarray:
    if not backend.installed(backend_name):
        raise Absent(f"{backend_name} is not installed")
    with TemporaryDirectory() as folder:
        file = Path(folder, "labels.npy")
        done = subprocess.run(
            [sys.executable, __file__, "--keras", net.name, str(file)],
            env={**os.environ, "KERAS_BACKEND": backend_name},
            check=False,
            timeout=LIMIT,
        )
        if done.returncode:
            raise Absent(f"its process ended with exit status {done.returncode}; stderr says why")
        return np.load(file, allow_pickle=False)


def by_onnx(net: Net) -> np.ndarray:
    return onnx_predict(net.network, net.name)(net.images).argmax(axis=1)


def rounded(net: Net) -> np.ndarray:
    if net.by_integers is None:
        raise Absent(f"{net.name} cannot be quantised")
    return net.by_integers


def by_integer_onnx(net: Net) -> np.ndarray:
    form = int8_form(net.network, replace(net.metadata, pixels="0-1"), net.images, net.calibration)
    x = net.images.astype(np.float32) / np.float32(255)
    return answers_of(form.data, x).argmax(axis=1)


@contextmanager
def compiled_by(compiler: str, *flags: str) -> Iterator[str]:
    """Names the C compiler, and gives all macros that it predefines."""
    before = os.environ.get("CC")
    os.environ["CC"] = " ".join([compiler, *flags])
    build.find_compiler.cache_clear()
    try:
        found = build.find_compiler()
        if found.command[0] != compiler:
            raise Absent(f"{compiler} is not installed")
        yield found.meaning
    finally:
        os.environ.pop("CC")
        if before is not None:
            os.environ["CC"] = before
        build.find_compiler.cache_clear()


def by_engine(net: Net, compiler: str, lanes: int) -> np.ndarray:
    with compiled_by(compiler, *NARROWER[lanes].split()) as meaning:
        has = 16 if "__AVX512F__" in meaning else 8 if "__AVX__" in meaning else 4
        if has != lanes:
            raise Absent(f"compiled with these flags, this processor has vectors of {has} lanes")
        return predictor(net.network)(net.images).argmax(axis=1)


def by_c(net: Net, compiler: str, int8: bool) -> np.ndarray:
    options = Options(int8=int8)
    program, _ = planned(net.network, options, net.calibration, net.images[:1])
    files = code_files(program, Path("digits"), options)
    with compiled_by(compiler):
        labels, _ = prove.answers(files, net.images, program.classes, np.int32 if int8 else np.float32)
    return labels


def by_page(net: Net) -> np.ndarray:
    command = browser.found_browser()
    if command is None:
        raise Absent("Chromium is not installed")
    return browser.answers(command, web_page(net.network, net.metadata, ()), net.images).argmax(axis=1)


if __name__ == "__main__":
    main()
