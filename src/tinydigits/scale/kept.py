"""Checkpoints of a sweep's runs: in its folder until they are finished, each called by the identity of its run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tinydigits.formats.run_folder import CHECKPOINT
from tinydigits.system.atomic import explained
from tinydigits.system.hidden import remove_if_empty
from tinydigits.training.checkpoints import Checkpoint
from tinydigits.training.train import remove_checkpoint

# The folder in that of the sweep.
FOLDER = "checkpoints"


def checkpoint_of(sweep: Path, identities: Sequence[str], every: int | None) -> Checkpoint | None:
    """The checkpoint of a run that may have one of these identities; None where none is kept.

    Args:
        identities: empty where they cannot be known; then nobody knows what a checkpoint belongs to, either.
    """
    return Checkpoint(path_of(sweep, identities), every, resume=True) if identities and every is not None else None


def path_of(sweep: Path, identities: Sequence[str]) -> Path:
    return sweep.resolve() / FOLDER / f"{identities[0]}{CHECKPOINT}"


@contextmanager
def checkpoints_folder(sweep: Path, *, wanted: bool) -> Iterator[None]:
    """Makes the folder of the checkpoints, if they are wanted; removed at the end if nothing is in it."""
    folder = sweep / FOLDER
    with explained(folder):
        if wanted:
            folder.mkdir(exist_ok=True)
    try:
        yield
    finally:
        remove_if_empty(folder)


def remove_of_finished(sweep: Path, finished: Sequence[Sequence[str]]) -> None:
    """Removes the checkpoints of finished runs, each given by the identities that it may have."""
    if (sweep / FOLDER).is_dir():
        for identities in filter(None, finished):
            remove_checkpoint(path_of(sweep, identities))
