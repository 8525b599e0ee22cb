"""Files of unknown origin: read only if they are regular files, and inflated only if that stays below a limit."""

import stat
import zipfile
from collections.abc import Iterable
from pathlib import Path

from tinydigits.errors import TinydigitsError

# Ways to pack a member of a zip archive that may be used: as it is, and deflated. Others inflate without any limit.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# Deflated bytes never grow more than this many times.
DEFLATE_RATIO = 1032
# Members whose stated size is at most this are not judged by their ratio.
SMALL_BYTES = 16_000_000
# Largest ratio of a larger member's size to its bytes in the archive. Images of digits reach 10, blank ones 1000.
MOST_RATIO = 200
# Largest size that a member which is read in one piece can inflate to; a model's configuration has a few thousand.
WHOLE_BYTES = 256_000_000
FIX = "Check where it comes from."


def check_regular(path: Path, error: type[TinydigitsError]) -> None:
    """Raises `error` if `path` is not a regular file: reading a device or a pipe may never end.

    Raises:
        OSError: there is no such file.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        found = "a folder" if stat.S_ISDIR(mode) else "a device, pipe or socket"
        raise error(path, found=found, expected="a regular file", fix="Copy what it holds to a file.")


def read_regular(path: Path, limit: int, error: type[TinydigitsError]) -> bytes:
    """Returns the bytes of a regular file.

    Args:
        limit: the most bytes that are read.
        error: the type of error that is raised for any other file, and for a larger one.

    Raises:
        OSError: it cannot be read.
    """
    check_regular(path, error)
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        found = f"{max(path.stat().st_size, len(data)):,} bytes"
        raise error(path, found=found, expected=f"at most {limit:,} bytes", fix=FIX)
    return data


def check_zip(path: Path, limit: int, error: type[TinydigitsError], whole: Iterable[str] = ()) -> None:
    """Raises `error` if a zip archive states sizes that no honest one has; nothing is inflated.

    A member may state less than it inflates to. Whoever reads in pieces is stopped at the stated size, by `zipfile`;
    a reader that takes a member whole is not, so such members, named in `whole`, are judged by their packed size.

    Args:
        limit: the most bytes of all members together, inflated.
        whole: members that are read in one piece: none may inflate to more than `WHOLE_BYTES`, whatever it states.

    Raises:
        OSError: the file cannot be read.
    """
    check_regular(path, error)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as damage:
        raise error(path, found=f"a damaged archive ({damage})", expected="a zip archive", fix=FIX) from damage
    total = sum(member.file_size for member in members)
    if total > limit:
        raise error(path, found=f"{total:,} bytes when inflated", expected=f"at most {limit:,}", fix=FIX)
    for member in members:
        trouble = trouble_with(member, read_whole=member.filename in whole)
        if trouble:
            raise error(f"{path}: {member.filename}", found=trouble, expected="an honest archive", fix=FIX)


def trouble_with(member: zipfile.ZipInfo, *, read_whole: bool) -> str:
    """Returns what is wrong with a member of an archive, in words; nothing where all is right."""
    if member.compress_type not in METHODS:
        return f"packing method {member.compress_type}"
    if member.file_size > max(SMALL_BYTES, MOST_RATIO * member.compress_size):
        return f"{member.compress_size:,} bytes that inflate to {member.file_size:,}"
    largest = member.compress_size * (DEFLATE_RATIO if member.compress_type == zipfile.ZIP_DEFLATED else 1)
    if read_whole and max(member.file_size, largest) > WHOLE_BYTES:
        return f"{member.compress_size:,} bytes that may inflate to {largest:,}"
    return ""
