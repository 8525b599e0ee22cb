"""What augmentation costs: microseconds an image, each kind alone and all together, and a native training with it.

    python benchmarks/augmentation.py [--rounds N]

One thread; all kinds in turn, several rounds, the medians; 20,000 images of MNIST. Then `fit` of `cnn` on two epochs of
55,000 images with all threads, without and with augmentation in turn.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from machine import describe_machine

from tinydigits.augmentation import reference as augmentation_numpy
from tinydigits.augmentation.settings import AFFINE, PHOTOGRAPHED, Augmentation
from tinydigits.data.dataset import mnist
from tinydigits.engine.fit import fit
from tinydigits.engine.runtime.augment import Augmenter
from tinydigits.engine.schedule import Schedule
from tinydigits.recipes.recipe import RECIPES, compiled

ALWAYS = replace(PHOTOGRAPHED, cut_chance=1.0, line_chance=1.0)
KINDS = {
    "none": Augmentation(),
    "rotation, scale, shear, shift (`AFFINE`)": AFFINE,
    "elastic": Augmentation(elastic=2.5),
    "stroke": Augmentation(stroke=0.6),
    "cut, always": Augmentation(cut=6.0, cut_chance=1.0),
    "lines, always all four": Augmentation(line_chance=1.0),
    "blur": Augmentation(blur=0.8),
    "contrast, background": Augmentation(contrast=0.35, background=0.12),
    "all, as drawn (`PHOTOGRAPHED`)": PHOTOGRAPHED,
    "all, cut and all four lines always": ALWAYS,
}
IMAGES, IMAGES_OF_NUMPY = 20_000, 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    print(describe_machine(), f"- `python benchmarks/augmentation.py`; {rounds} rounds, medians", "", sep="\n")
    print_kinds(rounds)
    print_trainings(rounds)


def print_kinds(rounds: int) -> None:
    images = mnist().train.images[:IMAGES]
    few, augmenter = images[:IMAGES_OF_NUMPY], Augmenter(images.shape[1:])
    native, by_numpy = {name: [] for name in KINDS}, {name: [] for name in KINDS}
    for epoch in range(rounds):
        for name, kind in KINDS.items():
            native[name].append(seconds(lambda k=kind, e=epoch: augmenter(images, 0, e, k, threads=1)) / len(images))
            by_numpy[name].append(
                seconds(lambda k=kind, e=epoch: augmentation_numpy.augmented(few, 0, e, k)) / len(few)
            )
    print("| kind | µs an image | by NumPy |", "|---|---|---|", sep="\n")
    for name in KINDS:
        print(
            f"| {name} | {1e6 * statistics.median(native[name]):.2f} | {1e6 * statistics.median(by_numpy[name]):.0f} |"
        )


def print_trainings(rounds: int) -> None:
    digits = mnist().train
    targets = np.eye(10, dtype=np.float32)[digits.labels]
    ways = {"none": None, "`AFFINE`": AFFINE, "`PHOTOGRAPHED`": PHOTOGRAPHED}
    costs: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            model, schedule = compiled(RECIPES["cnn"]), Schedule(2, 32, seed=0, augmentation=way)
            costs[name].append(seconds(lambda m=model, s=schedule: fit(m, (digits.images, targets), None, s)))
    print("\n| `cnn`, augmentation | s an epoch |", "|---|---|", sep="\n")
    for name, measured in costs.items():
        print(f"| {name} | {statistics.median(measured) / 2:.3f} |")


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
