"""How long a net takes for one image, and how many images a second it answers, in every form that is exported.

    python benchmarks/inference.py [NET…] [--rounds N]

In a round all ways run in turn; medians and ranges over rounds. Each way is given uint8 images and returns labels, so
scaling to [0, 1] is part of its time. C is compiled with -O3 -march=native, is called from a loop in C, and takes one
image at a time on one thread, as ONNX Runtime and LiteRT run on one thread; the engine and TensorFlow take all cores.
Needs the extras train and litert, Chromium and Playwright.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from inference_ways import Way, ways
from machine import describe_machine

from tinydigits.data.dataset import mnist_test

# Least seconds of a measurement, but of the first image.
LEAST = 0.1
# Images of one call for the throughput.
MANY = 2_000
# The least share of images that a way must answer as the float net does.
AGREE = 0.99
BASE = "Keras `model.predict`"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nets", nargs="*", default=["cnn", "pocket"])
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    print(
        describe_machine(), f"- `python benchmarks/inference.py`; {asked.rounds} rounds, median (range)", "", sep="\n"
    )
    for net in asked.nets:
        with TemporaryDirectory() as folder, ways(net, Path(folder)) as found:
            print_table(net, found, asked.rounds)


def print_table(net: str, found: list[Way], rounds: int) -> None:
    images = mnist_test().images[:MANY]
    check(found, images[:1000])
    single: dict[str, list[float]] = {way.name: [] for way in found}
    many: dict[str, list[float]] = {way.name: [] for way in found}
    for _ in range(rounds):
        for way in found:
            single[way.name].append(seconds_of_one(way, images))
        for way in found:
            many[way.name].append(seconds_of(way, images) / len(images))
    print(f"## `{net}`", "", "| way | one image, µs | times as fast as `predict` | images a second |", sep="\n")
    print("|---|---|---|---|")
    for way in found:
        ratios = [base / its for base, its in zip(single[BASE], single[way.name], strict=True)]
        rates = [1 / seconds for seconds in many[way.name]]
        print(
            f"| {way.name} | {spread([1e6 * seconds for seconds in single[way.name]])} | {spread(ratios)} "
            f"| {spread(rates)} |",
            flush=True,
        )
    print()


def check(found: list[Way], images: np.ndarray) -> None:
    """Every way must answer as Keras does, but for what rounding to 8 bits changes."""
    expected = next(way for way in found if way.name == BASE).many(images)
    for way in found:
        agreed = np.mean(way.many(images) == expected)
        assert agreed >= AGREE, f"{way.name}: {agreed:.4f} of the images are answered as by Keras"
        assert way.one(images, 3).tolist() == way.many(images[:3]).tolist(), way.name


def seconds_of_one(way: Way, images: np.ndarray) -> float:
    """Seconds of one image, one call each, over as many calls as take a while."""
    calls = 2
    while True:
        started = time.perf_counter()
        way.one(images, calls)
        passed = time.perf_counter() - started
        if passed >= LEAST or calls == len(images):
            return passed / calls
        calls = min(len(images), max(2 * calls, int(1.2 * calls * LEAST / max(passed, 1e-6))))


def seconds_of(way: Way, images: np.ndarray) -> float:
    started = time.perf_counter()
    way.many(images)
    return time.perf_counter() - started


def spread(values: list[float]) -> str:
    digits = 1 if statistics.median(values) < 100 else 0
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f} – {max(values):,.{digits}f})"


if __name__ == "__main__":
    main()
