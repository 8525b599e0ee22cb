"""Hidden folders in which files are made, beside the place they will have: `.NAME.HOST.RANDOM`.

Each is locked by the process that fills it. The operating system lets go of the lock however that process ends, so that
what a killed one has left can be told from what a living one is working on, and is cleared by the next that wants the
place. Where files cannot be locked, the name lacks HOST, and the folder is never taken for a leftover.
"""

import errno
import os
import platform
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

# Of this machine alone: a network's file system may keep the locks of other machines from it.
HOST = f"{zlib.crc32(platform.node().encode()):08x}"
# What the folder of a replaced one is called in its hidden folder.
REPLACED = "old"
# How often a folder is made again that another process cleared before it was locked.
TRIES = 10


@contextmanager
def locked_folder(beside: Path) -> Iterator[Path]:
    """Give a new hidden folder beside `beside`; at the end it goes, with all that is still in it.

    Raises:
        OSError: it cannot be made.
    """
    with ExitStack() as stack:
        folder = own_folder(beside, stack)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def own_folder(beside: Path, stack: ExitStack) -> Path:
    """Make a hidden folder that this process holds until `stack` ends.

    It has its mark from the first, as a process may be killed before it holds the lock. Another may then take it for a
    leftover, and clear it: where that happens to a living process, it makes another.
    """
    for _ in range(TRIES):
        folder = Path(tempfile.mkdtemp(prefix=f".{beside.name}.{HOST}.", dir=beside.parent))
        with suppress(FileNotFoundError):
            locked = stack.enter_context(lock(folder))
            if locked is None:
                return folder.rename(beside.with_name(f".{beside.name}.{folder.name[-8:]}"))
            if locked and folder.exists():
                return folder
    raise OSError(errno.EAGAIN, f"that each new folder is taken away before it is locked, {TRIES} times")


@contextmanager
def lock(folder: Path) -> Iterator[bool | None]:
    """Hold the lock of a folder; gives False where another holds it, None where there are no locks.

    Raises:
        FileNotFoundError: there is no such folder any more.
    """
    if fcntl is None:
        yield None
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield can_lock(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Give whether no other process is in such a block for `folder`; True, too, where there are no locks."""
    if fcntl is None:
        yield True
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield can_lock(descriptor) is not False
    finally:
        os.close(descriptor)


def can_lock(descriptor: int) -> bool | None:
    """Lock an open folder; False where another holds it, None where there are no locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def clear_leftovers(path: Path) -> bool:
    """Remove the hidden folders that killed processes left beside `path`; whether there were such, and none in use."""
    with suppress(OSError):
        cleared = [cleared_folder(entry, path) for entry in hidden_folders(path)]
        return bool(cleared) and all(cleared)
    return False


def in_use(path: Path) -> bool:
    """Whether a living process of this machine is filling a hidden folder beside `path`."""
    clear_leftovers(path)
    return path.parent.is_dir() and bool(hidden_folders(path))


def hidden_folders(path: Path) -> list[Path]:
    """The marked hidden folders beside `path`, of living processes and of killed ones."""
    mark = re.compile(rf"\.{re.escape(path.name)}\.{HOST}\.[a-z0-9_]{{8}}")
    return [entry for entry in path.parent.iterdir() if mark.fullmatch(entry.name)]


def cleared_folder(folder: Path, path: Path) -> bool:
    """Remove a hidden folder, unless a process is using it; what it was to be replaced by is put back first."""
    with suppress(OSError), lock(folder) as mine:
        if mine:
            put_back(folder, path)
            shutil.rmtree(folder)
            return True
    return False


def put_back(folder: Path, path: Path) -> None:
    """Return a folder to its name, if the process that was replacing it ended before there was another."""
    replaced = folder / REPLACED
    if replaced.is_dir() and not path.exists():
        replaced.rename(path)


def free_name(path: Path) -> None:
    """Clear leftovers, and the empty folder by which a killed process kept `path` for itself."""
    if clear_leftovers(path):
        remove_if_empty(path)


def remove_if_empty(path: Path) -> None:
    with suppress(OSError):
        path.rmdir()
