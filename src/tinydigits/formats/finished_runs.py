"""Finds finished runs in a folder, by their identity."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinydigits.arrays import UInt8Images
from tinydigits.formats import run_folder


@dataclass(frozen=True, eq=False)
class FinishedRun:
    """A run folder with its report and answers.

    Attributes:
        answers: uint8 [n], the digit that was read in each image of the evaluation.
    """

    folder: Path
    report: Mapping[str, Any]
    answers: UInt8Images


def finished_runs(place: Path, images: int) -> dict[str, FinishedRun]:
    """Returns the complete runs in the folders of `place`, and in their folders of seeds, by identity.

    Args:
        images: only runs that were evaluated on this number of images are returned.
    """
    reports = [*place.glob(f"*/{run_folder.REPORT}"), *place.glob(f"*/{run_folder.SEED}*/{run_folder.REPORT}")]
    runs = [read_run(report.parent, images) for report in sorted(reports)]
    return {run.report["identity"]: run for run in runs if run is not None and run.report.get("identity")}


def read_run(folder: Path, images: int) -> FinishedRun | None:
    """Reads one run; returns None if a file is missing or is not valid."""
    try:
        report = json.loads((folder / run_folder.REPORT).read_text("utf-8"))
        answers = np.load(folder / run_folder.ANSWERS, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    whole = isinstance(report, dict) and {"identity", "parameters", "epochs", "engine", "fit_seconds"} <= set(report)
    fits = isinstance(answers, np.ndarray) and answers.dtype == np.uint8 and answers.shape == (images,)
    return FinishedRun(folder, report, answers) if whole and fits else None
