"""Names of the files in a run folder, and writers of some of them."""

import csv
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from tinydigits.errors import OutputError
from tinydigits.system.hidden import free_name

# Names in a run folder.
KERAS_MODEL = "model.keras"
ONNX_MODEL = "model.onnx"
HISTORY = "history.csv"
REPORT = "report.json"
CURVES = "curves.png"
DIGITS = "digits.png"
CONFUSION = "confusion.png"
ANSWERS = "answers.npy"
SUMMARY = "summary.json"
# Beginning of the name of a seed's run folder.
SEED = "seed-"
# End of the name of a checkpoint, which lies beside the folder that its run will have.
CHECKPOINT = ".checkpoint"
# Names in the folder of a comparison.
COMPARISON = "comparison.json"
COMPARISON_PICTURE = "comparison.png"
# All files that a run may write. A folder with any other file is never replaced.
FILES = {KERAS_MODEL, ONNX_MODEL, HISTORY, REPORT, CURVES, DIGITS, CONFUSION, ANSWERS, SUMMARY}


def refuse_foreign(path: Path) -> None:
    """Raises OutputError if a folder contains a file that no run writes, so that it is not replaced."""
    foreign = [entry for entry in entries(path) if entry.name not in FILES]
    if foreign:
        raise OutputError(
            path,
            found=f"{foreign[0].relative_to(path)} in it, which is no part of a run",
            expected="a run folder, or an empty one",
            fix="Move that away, or choose another name.",
        )


def entries(path: Path) -> Iterator[Path]:
    """Yields the files of a folder and of the seeds' folders in it."""
    for entry in path.iterdir() if path.is_dir() else ():
        if entry.is_dir() and entry.name.startswith(SEED):
            yield from entries(entry)
        else:
            yield entry


def free_folder(name: str, parent: Path, taken: Collection[Path] = ()) -> Path:
    """Returns `name`, or the first free one of `name-2`, `name-3`… in `parent`; clears leftovers of killed runs.

    Args:
        taken: paths that are kept for others.
    """
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(path for path in (parent / each for each in names) if path not in taken and is_free(path))


def is_free(path: Path) -> bool:
    free_name(path)
    return not path.exists() and not checkpoints(path)


def checkpoint_of(folder: Path, seed: int | None = None) -> Path:
    """The checkpoint of the run that will be `folder`, or of one of the seeds in it."""
    return folder.parent / f"{folder.name}{CHECKPOINT if seed is None else f'.{SEED}{seed}{CHECKPOINT}'}"


def checkpoints(folder: Path) -> list[Path]:
    """All checkpoints for `folder` that there are, of one run and of seeds."""
    pattern = re.compile(rf"{re.escape(folder.name)}(\.{SEED}\d+)?{re.escape(CHECKPOINT)}")
    beside = folder.parent.iterdir() if folder.parent.is_dir() else ()
    return sorted(path for path in beside if pattern.fullmatch(path.name))


def seed_folder(parent: Path, seed: int) -> Path:
    return parent / f"{SEED}{seed}"


def history_csv(history: Mapping[str, Sequence[float]]) -> list[list[str]]:
    """Returns a header and one row per epoch; epochs count from 1."""
    rows = [[str(epoch), *map(repr, values)] for epoch, values in enumerate(zip(*history.values(), strict=True), 1)]
    return [["epoch", *history], *rows]


def write_history(path: Path, history: Mapping[str, Sequence[float]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(history_csv(history))


def read_history(path: Path) -> dict[str, list[float]]:
    """What `write_history` wrote, to the last bit."""
    with path.open(newline="", encoding="utf-8") as file:
        (_, *names), *rows = csv.reader(file)
    return {name: [float(row[number]) for row in rows] for number, name in enumerate(names, 1)}


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
