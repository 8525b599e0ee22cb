"""Finished runs in the place of a training that is to go on: they are read, not trained again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinydigits.errors import OutputError
from tinydigits.formats import run_folder
from tinydigits.recipes.given_settings import label_of
from tinydigits.recipes.settings import settings_of
from tinydigits.system.atomic import explained
from tinydigits.system.stopwatch import Stopwatch
from tinydigits.training.run import Run
from tinydigits.training.unsaved import Job, Start, identity_of, scored, start

if TYPE_CHECKING:
    from collections.abc import Mapping


def finished_run(job: Job, seed: int, folder: Path) -> Run | None:
    """The run in `folder`, scored again; None where there is none.

    Raises:
        OutputError: the run is of another training, or cannot be read.
    """
    stopwatch = Stopwatch()
    report = report_in(folder)
    if report is None:
        return None
    begun = start(job, seed, stopwatch)
    check_same(begun, report, folder)
    import keras

    with explained(folder), stopwatch.phase("fit"):
        history = run_folder.read_history(folder / run_folder.HISTORY)
        saved = keras.saving.load_model(folder / run_folder.KERAS_MODEL)
        begun.model.set_weights(saved.get_weights())
    engine = report["engine"]
    ordered = report["identity"] == identity_of(begun, engine, ordered=True)
    return scored(begun, history, engine, stopwatch, folder=folder, ordered=ordered)


def finished_report(job: Job, seed: int, folder: Path) -> dict[str, Any] | None:
    """The report of the run in `folder`; None and errors as `finished_run` has them."""
    report = report_in(folder)
    if report is not None:
        check_same(start(job, seed, Stopwatch()), report, folder)
    return report


def report_in(folder: Path) -> dict[str, Any] | None:
    try:
        report = json.loads((folder / run_folder.REPORT).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return report if isinstance(report, dict) and {"identity", "engine"} <= set(report) else None


def check_same(begun: Start, report: Mapping[str, Any], folder: Path) -> None:
    """Raises OutputError unless the report is of the training that was begun."""
    engines = ("native", "keras") if begun.job.engine == "auto" else (begun.job.engine,)
    identities = {identity_of(begun, engine, ordered=ordered) for engine in engines for ordered in (True, False)}
    if report["identity"] is None or report["identity"] not in identities:
        raise OutputError(
            folder,
            found=f"a finished run {other_setting(begun, report)}",
            expected="the run that is to go on",
            fix="Choose another folder, or pass --overwrite (overwrite=True) as well to replace it.",
        )


def other_setting(begun: Start, report: Mapping[str, Any]) -> str:
    """What the finished run has other than the training that was begun, in words."""
    recipe, had = begun.job.recipe, report.get("settings") or {}
    if report.get("model") == recipe.name:
        for name, value in settings_of(recipe).items():
            if name in had and had[name] != value:
                return f"with {label_of({name: had[name]})}, where {label_of({name: value})} is wanted"
    return "of another recipe, seed or data, or of a model with code of its own"
