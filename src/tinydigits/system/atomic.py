"""Writes files and folders in one step, so that no half-written one is ever visible."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tinydigits.errors import OutputError
from tinydigits.system.hidden import REPLACED, alone, clear_leftovers, free_name, locked_folder, remove_if_empty


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Give the path of a temporary file; at the end it takes the place of `path`, or of what `path` links to.

    When the block raises, or is interrupted, `path` stays as it was and the temporary file goes.

    Raises:
        OutputError: `path` is no regular file, its folder is missing or not writable, or the disk is full.
    """
    with explained(path):
        target = path.resolve()
        if target.exists() and not target.is_file():
            raise OutputError(path, found="something that is no file", expected="a file's name")
        clear_leftovers(target)
        with locked_folder(target) as folder:
            temporary = folder / target.name
            yield temporary
            sync(temporary)
            temporary.replace(target)


@contextmanager
def new_folder(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Gives a temporary folder beside `path`. At the end it becomes `path` with its content.

    A free name is reserved at once, by an empty folder. When the block raises, or is interrupted, `path` stays, or
    is gone again, as before, and the temporary folder goes. A process that is killed leaves both; the next that wants
    `path` clears them.

    Raises:
        OutputError: `path` exists and `overwrite` is not set, it cannot be written, or the disk is full.
    """
    with explained(path):
        free_name(path)
        refuse_unusable(path, overwrite)
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked_folder(path) as temporary, reserved(path) as reservation:
            temporary.chmod(0o777 & ~current_umask())  # hidden folders are made for one user alone
            yield temporary
            for file in temporary.rglob("*"):
                sync(file)
            take_place(temporary, path, keep_others=reservation)


@contextmanager
def reserved(path: Path) -> Iterator[bool]:
    """Reserves a free name with an empty folder, removed if the block raises. Gives False if the name is taken."""
    reservation = not path.exists()
    if reservation:
        path.mkdir()
    try:
        yield reservation
    except BaseException:
        if reservation:
            remove_if_empty(path)
        raise


@contextmanager
def hidden_folder(beside: Path) -> Iterator[Path]:
    """Gives a temporary folder beside `beside`, whose parent exists. At the end it is removed with its content.

    Raises:
        OutputError: it cannot be written, or the disk is full.
    """
    with explained(beside):
        clear_leftovers(beside)
        with locked_folder(beside) as temporary:
            yield temporary


@contextmanager
def filled_alone(folder: Path) -> Iterator[None]:
    """Make a folder, if there is none, and hold it for this process; removed at the end if nothing is in it.

    Raises:
        OutputError: another process holds it, or it cannot be made.
    """
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with alone(folder) as free:
        if not free:
            found = "another command that is filling it"
            raise OutputError(folder, found=found, expected="one at a time", fix="Wait for it, or end it.")
        try:
            yield
        finally:
            remove_if_empty(folder)


def put(folder: Path, path: Path) -> None:
    """Give a finished folder, from the same file system, its name in one step.

    Raises:
        OutputError: something of that name has come to be there, or it cannot be written.
    """
    with explained(path):
        for file in folder.rglob("*"):
            sync(file)
        folder.rename(path)


def take_place(new: Path, path: Path, *, keep_others: bool) -> None:
    """Moves `new` to `path`. What was there is removed after the new one is in place.

    Args:
        keep_others: fail where anything is in `path`, as others must have put it there.
    """
    if keep_others:
        path.rmdir()
        new.rename(path)
        return
    with locked_folder(path) as aside:
        path.rename(aside / REPLACED)
        try:
            new.rename(path)
        except BaseException:
            (aside / REPLACED).rename(path)
            raise


def refuse_unusable(path: Path, overwrite: bool) -> None:
    """Raise OutputError unless `path` can become a folder of ours."""
    if Path.cwd().is_relative_to(path.resolve()):
        raise OutputError(path, found="a folder in use", expected="the name of a new one", fix="Name a folder in it.")
    taken = path.exists() or path.is_symlink()
    if taken and not path.is_dir():
        raise OutputError(path, found="something that is no folder", expected="a folder", fix="Choose another name.")
    if taken and not overwrite:
        raise OutputError(
            path,
            found="something of that name",
            expected="a name that is free",
            fix="Choose another name, or pass --overwrite (overwrite=True) to replace it.",
        )


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the operating system's errors in the block into an OutputError."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            path,
            found=words_of(error),
            expected="a place that can be written",
            fix="Check that its folder exists and is writable, and that the disk has room.",
        ) from error


def words_of(error: OSError) -> str:
    """The operating system's words; HDF5 has them somewhere within a page of its own."""
    within = re.search(r"error message = '([^']+)'", str(error))
    return error.strerror or (within[1] if within else str(error))


def sync(path: Path) -> None:
    """Makes the operating system write a file's bytes to disk before its name appears."""
    if path.is_file():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
