"""Reads MATLAB's `.mat` files through SciPy: `mnist-original.mat`, EMNIST's, and others with the same names."""

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tinydigits.data.arrays_on_disk import loaded_from
from tinydigits.data.file_bytes import CHUNK, allowed_length, check_regular, too_long
from tinydigits.data.loaded import Loaded
from tinydigits.errors import FileFormatError

# Length of a version 5 file's header, in bytes. Its last two say the order of bytes: "IM" is little-endian.
HEADER = 128
# Type of an element that is compressed as a whole.
COMPRESSED = 15


def load_mat(path: Path) -> Loaded:
    """Reads a `.mat` with `data` and `label`, with other known names, or with EMNIST's `dataset`.

    Raises:
        FileFormatError: SciPy cannot read the file, or no names in it are known.
        DataError: the content is above the limit, or no data set.
    """
    check_regular(path)
    check_inflated(path)
    return loaded_from(arrays_of(contents(path)), path)


def contents(path: Path) -> dict[str, Any]:
    from scipy.io import loadmat

    try:
        return dict(loadmat(path, simplify_cells=True))
    except OSError:
        raise
    except NotImplementedError as error:
        raise broken_mat(path, "a file of version 7.3, which is HDF5") from error
    except Exception as error:  # SciPy raises errors of many types for damaged files
        raise broken_mat(path, f"{type(error).__name__}: {error}") from error


def broken_mat(path: Path, found: str) -> FileFormatError:
    return FileFormatError(
        path, found=found, expected="a whole .mat of version 4, 5 or 7", fix="Save it in MATLAB with the option -v7."
    )


def arrays_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the arrays by name; those of EMNIST's `dataset` get the names `train_images` and so on."""
    parts = values.get("dataset")
    if isinstance(parts, dict):
        values = {
            f"{part}_{name}": array
            for part in ("train", "test")
            for name, array in (parts.get(part) or {}).items()
            if name in ("images", "labels")
        }
    return {name: array for name, array in values.items() if isinstance(array, np.ndarray) and array.ndim > 0}


def check_inflated(path: Path) -> None:
    """Raises DataError if the compressed elements of a version 5 file inflate beyond the limit."""
    data = path.read_bytes()
    order = {b"IM": "<", b"MI": ">"}.get(data[HEADER - 2 : HEADER])
    left = limit = allowed_length(len(data))
    start = HEADER
    while order and start + 8 <= len(data):
        kind, length = struct.unpack_from(f"{order}II", data, start)
        start += 8
        if kind == COMPRESSED:
            left -= inflated_length(data[start : start + length], left)
        if left < 0:
            raise too_long(path, f"more than {limit:,} bytes in {len(data):,} compressed ones", limit)
        start += length


def inflated_length(packed: bytes, limit: int) -> int:
    """Returns how many bytes inflate from `packed`; stops counting soon after `limit`, or where it is damaged."""
    stream, length = zlib.decompressobj(), 0
    try:
        while packed and length <= limit:
            length += len(stream.decompress(packed, CHUNK))
            packed = stream.unconsumed_tail
    except zlib.error:
        return length  # SciPy will say what is wrong with it
    return length
