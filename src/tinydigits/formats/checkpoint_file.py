"""Checkpoint files: all that a training needs to go on, in one file that shows any change of its bytes.

Three parts: the line `tinydigits checkpoint 1`, where 1 is the format; the SHA-256 of the rest, 64 digits and a line
feed; the rest, which is a line of JSON and then the bytes of the arrays. A file is written beside its place, flushed to
disk and then renamed, so that there is the old one or the new one, and never a part.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.errors import CheckpointError
from tinydigits.system.atomic import explained, new_file

# First bytes of every checkpoint, before the number of its format.
NAME = b"tinydigits checkpoint "
FORMAT = 1
# Bytes of a SHA-256 in hexadecimal digits, and of the line feed behind it.
HASH_BYTES = 65


@dataclass(frozen=True, eq=False)
class Saved:
    """The state of a training between two epochs.

    Attributes:
        facts: what decides the training, by name; texts, numbers and hashes.
        engine: "native" or "keras".
        epochs: how many are done.
        every: after how many epochs a checkpoint is written.
        seed: of shuffling, dropout and augmentation.
        history: loss and metrics by name, a value an epoch that has it.
        arrays: the variables of the model and of its optimiser, in their order.
    """

    facts: Mapping[str, Any]
    engine: str
    epochs: int
    every: int
    seed: int
    history: Mapping[str, Sequence[float]]
    arrays: tuple[NDArray[Any], ...]


def write(path: Path, saved: Saved) -> None:
    """Puts a checkpoint in the place of `path`, in one step.

    Raises:
        OutputError: it cannot be written, or the disk is full; what was there stays.
    """
    with new_file(path) as file:
        file.write_bytes(to_bytes(saved))


def read(path: Path) -> Saved | None:
    """The checkpoint at `path`; None if there is no such file.

    Raises:
        CheckpointError: it is damaged, is no checkpoint, or has another format.
        OutputError: it cannot be read.
    """
    with explained(path):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
    return from_bytes(content, path)


def to_bytes(saved: Saved) -> bytes:
    head = {
        "facts": saved.facts,
        "engine": saved.engine,
        "epochs": saved.epochs,
        "every": saved.every,
        "seed": saved.seed,
        "history": saved.history,
        "arrays": [[str(array.dtype), array.shape] for array in saved.arrays],
    }
    rest = b"".join([json.dumps(head).encode(), b"\n", *(array.tobytes() for array in saved.arrays)])
    return NAME + f"{FORMAT}\n{hashlib.sha256(rest).hexdigest()}\n".encode() + rest


def from_bytes(content: bytes, path: Path) -> Saved:
    """Reads the bytes of a checkpoint, which `path` names in errors.

    Raises:
        CheckpointError: they are damaged, are no checkpoint, or have another format.
    """
    first, _, after = content.partition(b"\n")
    if not first.startswith(NAME):
        raise damaged(path, "a file that does not begin as a checkpoint does")
    if first != NAME + str(FORMAT).encode():
        raise CheckpointError(
            path,
            found=f"a checkpoint of format {first[len(NAME) :].decode('ascii', 'replace')[:20]!r}",
            expected=f"format {FORMAT}",
            fix="Go on with the version of tinydigits that wrote it, or remove it to begin anew.",
        )
    recorded, rest = after[:HASH_BYTES], after[HASH_BYTES:]
    if recorded != f"{hashlib.sha256(rest).hexdigest()}\n".encode():
        raise damaged(path, "bytes that differ from their recorded SHA-256")
    line, _, values = rest.partition(b"\n")
    head = json.loads(line)
    described = head.pop("arrays")
    return Saved(**head, arrays=tuple(arrays_in(values, described)))


def arrays_in(values: bytes, described: Sequence[tuple[str, Sequence[int]]]) -> list[NDArray[Any]]:
    """The arrays that lie in `values` one after the other, each described by its type and shape."""
    arrays, start = [], 0
    for dtype, shape in described:
        count = math.prod(shape)
        arrays.append(np.frombuffer(values, dtype, count, start).reshape(shape))
        start += count * np.dtype(dtype).itemsize
    return arrays


def damaged(path: Path, found: str) -> CheckpointError:
    return CheckpointError(
        path,
        found=found,
        expected="a whole checkpoint",
        fix="It cannot be gone on with: remove it to begin anew.",
    )
