"""Reads the bytes of data files from untrusted sources: of regular files only, and never more than a limit."""

import gzip
import zipfile
import zlib
from pathlib import Path

from tinydigits.errors import DataError, FileFormatError
from tinydigits.system import regular_files

# Largest file, and largest content of a compressed file, in bytes.
MAX_BYTES = 4 * 2**30
# A compressed file may always inflate to this many bytes; black images shrink to a thousandth.
ALWAYS_ALLOWED = 256 * 2**20
# A larger content may be this many times as long as the compressed file. MNIST's is 5 times as long.
MAX_RATIO = 100
# Bytes that are inflated at a time.
CHUNK = 2**20


def check_regular(path: Path) -> None:
    """Raises an error for a device, a pipe or a socket, which may never end, and for a file above the limit."""
    regular_files.check_regular(path, FileFormatError)
    if path.stat().st_size > MAX_BYTES:
        raise too_long(path, f"{path.stat().st_size:,} bytes", MAX_BYTES)


def allowed_length(packed: int) -> int:
    """Returns the number of bytes to which `packed` compressed bytes may inflate."""
    return min(MAX_BYTES, max(ALWAYS_ALLOWED, MAX_RATIO * packed))


def unzipped(path: Path) -> bytes:
    """Returns a file's bytes; decompresses a .gz file, and stops where it inflates beyond the limit."""
    check_regular(path)
    if path.suffix.lower() != ".gz":
        return path.read_bytes()
    try:
        return gunzipped(path, allowed_length(path.stat().st_size))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FileFormatError(
            path, found=f"broken gzip data ({error})", expected="a whole .gz file", fix="Fetch it again."
        ) from error


def gunzipped(path: Path, limit: int) -> bytes:
    chunks: list[bytes] = []
    length = 0
    with gzip.open(path) as file:
        while chunk := file.read(CHUNK):
            length += len(chunk)
            if length > limit:
                raise too_long(path, f"more than {limit:,} bytes in {path.stat().st_size:,} compressed ones", limit)
            chunks.append(chunk)
    return b"".join(chunks)


def check_archive(path: Path) -> None:
    """Raises DataError if the members of a zip archive say that they inflate beyond the limit.

    Python's zipfile never inflates a member further than it says.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    for member in members:
        limit = allowed_length(member.compress_size)
        if member.file_size > limit:
            found = f"`{member.filename}`, {member.file_size:,} bytes in {member.compress_size:,} compressed ones"
            raise too_long(path, found, limit)
    total = sum(member.file_size for member in members)
    if total > allowed_length(path.stat().st_size):
        raise too_long(path, f"members of {total:,} bytes together", allowed_length(path.stat().st_size))


def too_long(path: Path, found: str, limit: int) -> DataError:
    return DataError(path, found=found, expected=f"at most {limit:,} bytes", fix="Fetch the file again, or split it.")
