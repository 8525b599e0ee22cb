"""The report of a comparison as JSON values: each recipe over its seeds, and each pair with its tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.data.dataset import Dataset
from tinydigits.evaluation.metrics import summary
from tinydigits.evaluation.significance import combined, mcnemar, mean_interval_of_shares, sign_flip_test
from tinydigits.formats import run_folder
from tinydigits.formats.finished_runs import FinishedRun
from tinydigits.formats.onnx import file as onnx_file

# Largest number of recipes of which all pairs are compared. If there are more, each is compared with the first.
MOST_FOR_ALL_PAIRS = 4

# For each seed, which images [n] were classified correctly.
Right = Mapping[int, NDArray[np.bool_]]


def described(recipes: Mapping[str, Mapping[int, FinishedRun]], judged: Dataset) -> dict[str, Any]:
    """Returns the content of `comparison.json`.

    Args:
        recipes: runs by recipe and seed; the same seeds of each.
        judged: the images that all of them answered.
    """
    right = {
        label: {seed: run.answers == judged.labels for seed, run in runs.items()} for label, runs in recipes.items()
    }
    labels = list(recipes)
    pairs = combinations(labels, 2) if len(labels) <= MOST_FOR_ALL_PAIRS else ((labels[0], one) for one in labels[1:])
    return {
        "images": {"name": judged.name, "count": len(judged)},
        "recipes": [recipe_json(label, runs, right[label]) for label, runs in recipes.items()],
        "pairs": [pair_json(first, second, right[first], right[second]) for first, second in pairs],
    }


def recipe_json(label: str, runs: Mapping[int, FinishedRun], right: Right) -> dict[str, Any]:
    """One recipe over its seeds."""
    accuracies = {seed: float(np.mean(each)) for seed, each in right.items()}
    first = next(iter(runs.values()))
    interval = mean_interval_of_shares(list(accuracies.values()))
    return {
        "recipe": label,
        "parameters": first.report["parameters"],
        "multiply_adds": multiply_adds(first.folder),
        "epochs": first.report["epochs"],
        "engines": sorted({run.report["engine"] for run in runs.values()}),
        "fit_seconds": median(run.report["fit_seconds"] for run in runs.values()),
        "accuracy": {**summary(list(accuracies.values())), "interval": interval and list(interval)},
        "runs": [{"seed": seed, "accuracy": accuracies[seed], "folder": str(run.folder)} for seed, run in runs.items()],
    }


def multiply_adds(folder: Path) -> int | None:
    """Multiply-adds for one image; None if `Network` does not support the net."""
    path = folder / run_folder.ONNX_MODEL
    return onnx_file.read(path)[0].multiply_adds if path.is_file() else None


def pair_json(first: str, second: str, first_right: Right, second_right: Right) -> dict[str, Any]:
    """Two recipes: how much better the first is, and both tests of the difference."""
    differences = [float(np.mean(first_right[seed]) - np.mean(second_right[seed])) for seed in first_right]
    by_image = {seed: mcnemar(first_right[seed], second_right[seed]) for seed in first_right}
    return {
        "first": first,
        "second": second,
        "difference": float(np.mean(differences)),
        "permutation": asdict(sign_flip_test(differences)),
        "mcnemar": {
            "p": combined([test.p for test in by_image.values()]),
            "seeds": [{"seed": seed, **asdict(test)} for seed, test in by_image.items()],
        },
    }
