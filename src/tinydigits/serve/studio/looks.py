"""What can be seen of one run: its net as the page computes it, its curves, and what it answered."""

import base64
import csv
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tinydigits.arrays import Int64Array
from tinydigits.data.dataset import mnist_test
from tinydigits.errors import TinydigitsError
from tinydigits.export.web_page import described
from tinydigits.formats import run_folder
from tinydigits.formats.onnx import file as onnx_file

# A larger file is none that a run of ours writes, in bytes.
MOST_BYTES = 1_000_000
# A run's accuracy and that of its answers agree to so much.
ROUNDING = 1e-6


def look_at(folder: Path, told: dict[str, Any]) -> dict[str, Any]:
    """Returns what can be seen of a run, as JSON values; what is missing is null.

    Args:
        told: what `/v1/runs` tells of it.
    """
    network, reason = network_of(folder)
    return {
        "run": told,
        "history": history_of(folder),
        "network": network,
        "reason": reason,
        "answers": answers_of(folder, told["accuracy"]["test"]),
    }


def network_of(folder: Path) -> tuple[dict[str, Any] | None, str | None]:
    """Returns the net as `page/net.js` takes it, or None and why there is none."""
    file = folder / run_folder.ONNX_MODEL
    if not file.is_file():
        return None, f"There is no {file.name} in this run: its net has a layer that the page does not know."
    try:
        return described(*onnx_file.read(file)), None
    except TinydigitsError as error:
        return None, str(error)


def history_of(folder: Path) -> dict[str, list[float]] | None:
    """Returns loss and metrics, a value an epoch; None if they cannot be read, or hold what is no number."""
    file = folder / run_folder.HISTORY
    try:
        if file.stat().st_size > MOST_BYTES:
            return None
        history = run_folder.read_history(file)
    except (OSError, ValueError, IndexError, csv.Error):
        return None
    return history if np.isfinite([value for values in history.values() for value in values]).all() else None


def answers_of(folder: Path, accuracy: float | None) -> str | None:
    """Returns the answers to MNIST's test images as base64; None if the run was judged on others, or not at all."""
    file = folder / run_folder.ANSWERS
    labels = test_labels()
    try:
        if accuracy is None or file.stat().st_size > MOST_BYTES:
            return None
        answers = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if not isinstance(answers, np.ndarray) or answers.dtype != np.uint8 or answers.shape != labels.shape:
        return None
    if abs(float(np.mean(answers == labels)) - accuracy) > ROUNDING or answers.max() > labels.max():
        return None
    return base64.b64encode(answers.tobytes()).decode()


@cache
def test_labels() -> Int64Array:
    return mnist_test().labels
