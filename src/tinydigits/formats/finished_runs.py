"""Runs that lie finished in a folder, found by what decided them."""

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
    """A run folder's report, and the digit, uint8 [n], that was read in each judged image."""

    folder: Path
    report: Mapping[str, Any]
    answers: UInt8Images


def finished_runs(place: Path, images: int) -> dict[str, FinishedRun]:
    """The whole runs in the folders of `place`, and in their folders of seeds, by identity.

    Args:
        images: how many each was judged on; others are not of interest.
    """
    reports = [*place.glob(f"*/{run_folder.REPORT}"), *place.glob(f"*/{run_folder.SEED}*/{run_folder.REPORT}")]
    runs = [read_run(report.parent, images) for report in sorted(reports)]
    return {run.report["identity"]: run for run in runs if run is not None and run.report.get("identity")}


def read_run(folder: Path, images: int) -> FinishedRun | None:
    """One run; None where its folder lacks something, or holds something else."""
    try:
        report = json.loads((folder / run_folder.REPORT).read_text("utf-8"))
        answers = np.load(folder / run_folder.ANSWERS, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    whole = isinstance(report, dict) and {"identity", "parameters", "epochs", "engine", "fit_seconds"} <= set(report)
    fits = isinstance(answers, np.ndarray) and answers.dtype == np.uint8 and answers.shape == (images,)
    return FinishedRun(folder, report, answers) if whole and fits else None
