"""The messages between a pool and its workers: JSON values, one per line."""

from __future__ import annotations

import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tinydigits import errors
from tinydigits.data.dataset import Dataset, Splits
from tinydigits.errors import TinydigitsError
from tinydigits.system.progress import Progress
from tinydigits.training.checkpoints import Checkpoint

PARTS = ("train", "validation", "test")


def progress_as_json(progress: Progress) -> dict[str, Any]:
    return asdict(progress)


def progress_from_json(value: dict[str, Any]) -> Progress:
    return Progress(**value)


def checkpoint_as_json(checkpoint: Checkpoint) -> dict[str, Any]:
    return {"path": str(checkpoint.path), "every": checkpoint.every, "resume": checkpoint.resume}


def checkpoint_from_json(value: dict[str, Any]) -> Checkpoint:
    return Checkpoint(Path(value["path"]), value["every"], value["resume"])


def error_as_json(error: TinydigitsError) -> dict[str, str]:
    """Returns an error's class and message parts as JSON values."""
    return {
        "class": type(error).__name__,
        "subject": error.subject,
        "found": error.found,
        "expected": error.expected,
        "fix": error.fix,
    }


def error_from_json(value: dict[str, str]) -> TinydigitsError:
    """Returns the error that `error_as_json` described."""
    kind: type[TinydigitsError] = getattr(errors, value["class"])
    return kind(value["subject"], found=value["found"], expected=value["expected"], fix=value["fix"])


def write_splits(path: Path, splits: Splits) -> None:
    """Writes the splits of a data set, with their names, to an `.npz` for `read_splits`."""
    present = {part: dataset for part in PARTS if (dataset := getattr(splits, part)) is not None}
    arrays: dict[str, Any] = {
        name: array
        for part, dataset in present.items()
        for name, array in (
            (f"{part}_images", dataset.images),
            (f"{part}_labels", dataset.labels),
            (f"{part}_name", np.array(dataset.name)),
        )
    }
    with zipfile.ZipFile(path, "w") as archive:  # numpy.savez fails where the clock is before 1980
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def read_splits(path: Path) -> Splits:
    with np.load(path, allow_pickle=False) as arrays:

        def part(name: str) -> Dataset | None:
            if f"{name}_images" not in arrays:
                return None
            return Dataset(arrays[f"{name}_images"], arrays[f"{name}_labels"], str(arrays[f"{name}_name"]))

        train, validation, test = map(part, PARTS)
    assert train is not None
    assert validation is not None
    return Splits(train, validation, test)
