"""The user's cache folder: what takes long to make and can be made again, made once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from tinydigits.atomic import explained, new_file

Make = Callable[[Path], None]


def cache_folder(part: str) -> Path:
    """A folder in the user's own cache, readable by nobody else."""
    folder = Path(platformdirs.user_cache_dir("tinydigits")) / part
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def make_missing(files: Mapping[Path, Make]) -> None:
    """Make each file that is not there, given the path to write to.

    Processes that want the same files share the work: one that another is making is left for last, then waited for.

    Raises:
        OutputError: a file cannot be written.
    """
    for waits in (False, True):
        for path, make in files.items():
            if path.exists():
                continue
            with explained(path):
                path.parent.mkdir(parents=True, exist_ok=True)
            with locked(path.with_suffix(".lock"), waits=waits) as mine:
                if mine and not path.exists():
                    with new_file(path) as temporary:
                        make(temporary)


@contextmanager
def locked(path: Path, *, waits: bool) -> Iterator[bool]:
    """Whether this process alone is in the block; the system takes the lock back when a process ends.

    Args:
        waits: wait for it, instead of giving False.
    """
    if sys.platform == "win32":  # without such locks the same work is done twice, with the same result
        yield True
        return
    import fcntl

    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
        path.unlink(missing_ok=True)
