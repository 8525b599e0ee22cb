"""Write files and folders so that nobody ever sees half of one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tinydigits.errors import OutputError


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Give the path of a temporary file; at the end it takes the place of `path`.

    When the block raises, or is interrupted, `path` stays as it was and the temporary file goes.

    Raises:
        OutputError: the folder of `path` is missing or not writable, or the disk is full.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{path.suffix}")
    with explained(path):
        try:
            yield temporary
            sync(temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary folder beside `path`; at the end it becomes `path`, with all that was put into it.

    When the block raises, or is interrupted, `path` stays as it was and the temporary folder goes.

    Raises:
        OutputError: `path` exists and `overwrite` is not set, it cannot be written, or the disk is full.
    """
    refuse_existing(path, overwrite)
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        try:
            temporary.chmod(0o777 & ~current_umask())  # mkdtemp makes folders for one user alone
            yield temporary
            for file in temporary.rglob("*"):
                sync(file)
            refuse_existing(path, overwrite)
            take_place(temporary, path)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def take_place(new: Path, path: Path) -> None:
    """Move `new` to `path`; what was there goes only once the new is in its place."""
    if not path.exists():
        new.rename(path)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    path.rename(aside / "old")
    new.rename(path)
    shutil.rmtree(aside, ignore_errors=True)


def refuse_existing(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise OutputError(
            path,
            found="something of that name",
            expected="a name that is free",
            fix="Choose another name, or pass --overwrite (overwrite=True) to replace it.",
        )
    if path.exists() and not path.is_dir():
        raise OutputError(path, found="a file", expected="a folder", fix="Choose another name.")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the operating system's errors in the block into an OutputError."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            path,
            found=f"{error.strerror or error}",
            expected="a place that can be written",
            fix="Check that its folder exists and is writable, and that the disk has room.",
        ) from error


def sync(path: Path) -> None:
    """Have the operating system put a file's bytes on the disk before its name is."""
    if path.is_file():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
