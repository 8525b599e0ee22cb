"""`GET /v1/runs`: the finished runs in a folder."""

import asyncio
import json
import math
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tinydigits.formats import run_folder
from tinydigits.serve.refusal import RefusalError

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
# When a file was written, in nanoseconds, and its bytes.
Stamp = tuple[int, int]


class Runs:
    """The runs in the folders of `place`, and in their folders of seeds.

    A report is read again only when its file has changed: of a thousand, reading takes most of the time.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.known: dict[Path, tuple[Stamp, dict[str, Any] | None]] = {}

    async def answer(self, request: Request) -> Response:
        """Answer with all runs that are there now."""
        return JSONResponse({"runs": await asyncio.to_thread(self.all)})

    def all(self) -> list[dict[str, Any]]:
        """Returns what is told of each run, the newest first."""
        known = {report: found for report in self.reports() if (found := self.read(report)) is not None}
        self.known = known
        there = [(stamp, told) for stamp, told in known.values() if told is not None]
        return [told for stamp, told in sorted(there, key=lambda each: (-each[0][0], each[1]["folder"]))]

    async def told_of(self, folder: str) -> dict[str, Any]:
        """Returns what is told of one run; raises RefusalError, 404, if there is none in this folder."""
        told = await asyncio.to_thread(self.one, folder)
        if told is None:
            raise RefusalError(404, "run", found=f"no run in `{folder[:100]}`", expected="one that GET /v1/runs lists")
        return told

    def one(self, folder: str) -> dict[str, Any] | None:
        """Returns what is told of one run; None if there is none in this folder."""
        parts = folder.split("/")
        named = len(parts) == 1 or (len(parts) == 2 and parts[1].startswith(run_folder.SEED))
        if not named or any(part.startswith(".") or not part or "\0" in part for part in parts):
            return None
        found = self.read(self.place / folder / run_folder.REPORT)
        return None if found is None else found[1]

    def reports(self) -> list[Path]:
        """Returns the paths of all reports, whether they can be read or not; hidden folders hold unfinished runs."""
        place = self.place
        found = [*place.glob(f"*/{run_folder.REPORT}"), *place.glob(f"*/{run_folder.SEED}*/{run_folder.REPORT}")]
        return [report for report in found if not report.relative_to(place).parts[0].startswith(".")]

    def read(self, report: Path) -> tuple[Stamp, dict[str, Any] | None] | None:
        """Returns when a report was written and what is told of its run; None if it is gone."""
        try:
            status = report.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            before = self.known.get(report)
            if before is not None and before[0] == stamp:
                return before
            values = json.loads(report.read_text("utf-8"))
        except OSError:
            return None
        except (ValueError, RecursionError):
            return stamp, None
        told = told_of(values)
        return stamp, None if told is None else {"folder": report.parent.relative_to(self.place).as_posix(), **told}


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
