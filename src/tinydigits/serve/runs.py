"""`GET /v1/runs`: the finished runs in the server's working directory."""

import asyncio
import json
import math
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tinydigits.formats import run_folder

# What is told of a run, as its report has it, and of what type it must be there.
MEMBERS: dict[str, type | tuple[type, ...]] = {
    "model": str,
    "seed": int,
    "engine": str,
    "parameters": int,
    "epochs": int,
    "seconds": (int, float),
}
SPLITS = ("train", "validation", "test")


async def runs(place: Path, request: Request) -> Response:
    """Answer with all runs that are in the folder `place` now."""
    return JSONResponse({"runs": await asyncio.to_thread(runs_in, place)})


def runs_in(place: Path) -> list[dict[str, Any]]:
    """Returns the runs in the folders of `place` and in their folders of seeds, the newest first."""
    reports = [*place.glob(f"*/{run_folder.REPORT}"), *place.glob(f"*/{run_folder.SEED}*/{run_folder.REPORT}")]
    found = [read for report in reports if (read := run_in(place, report)) is not None]
    return [told for _, told in sorted(found, key=lambda each: (-each[0], each[1]["folder"]))]


def run_in(place: Path, report: Path) -> tuple[float, dict[str, Any]] | None:
    """Returns when a run was written and what is told of it; None if it is unfinished, gone or no run."""
    folder = report.parent.relative_to(place)
    if folder.parts[0].startswith("."):  # a run's files are made in a hidden folder
        return None
    try:
        written = report.stat().st_mtime
        values = json.loads(report.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    told = told_of(values)
    return None if told is None else (written, {"folder": folder.as_posix(), **told})


def told_of(report: Any) -> dict[str, Any] | None:
    """Returns the members that are told of a run; None if this is no report of one."""
    accuracy = report.get("accuracy") if isinstance(report, dict) else None
    if not isinstance(accuracy, dict):
        return None
    told = {name: report.get(name) for name in MEMBERS}
    whole = all(isinstance(told[name], kind) and not isinstance(told[name], bool) for name, kind in MEMBERS.items())
    shares = {split: accuracy.get(split) for split in SPLITS}
    if not whole or not math.isfinite(told["seconds"]) or not all(map(is_share, shares.values())):
        return None
    return {**told, "accuracy": shares}


def is_share(value: Any) -> bool:
    """Returns whether a value is a share, or null for a split that was not scored."""
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1)
