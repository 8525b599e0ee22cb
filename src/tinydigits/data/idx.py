"""Parses IDX, the file format of MNIST; the bytes may come from any source.

A file is a magic number (two zero bytes, a type, the number of dimensions), each dimension as a big-endian
32-bit integer, then the values. Source: http://yann.lecun.com/exdb/mnist/, "The IDX file format".
"""

from math import prod

import numpy as np

from tinydigits.arrays import Int64Array, UInt8Images
from tinydigits.errors import FileFormatError

# The code of the type "unsigned byte" in the third byte of an IDX file.
UNSIGNED_BYTE = 0x08


def parse_images(data: bytes, name: object) -> UInt8Images:
    """Parses IDX bytes into images, uint8 [n, height, width].

    Raises:
        FileFormatError: `data` is not an IDX file of images, or is not complete.
    """
    return parse(data, name, dimensions=3, what="images")


def parse_labels(data: bytes, name: object) -> Int64Array:
    """Parses IDX bytes into labels, int64 [n].

    Raises:
        FileFormatError: `data` is not an IDX file of labels, or is not complete.
    """
    return parse(data, name, dimensions=1, what="labels").astype(np.int64)


def parse(data: bytes, name: object, *, dimensions: int, what: str) -> UInt8Images:
    """Parses an IDX file of unsigned bytes with `dimensions` axes; the array shares the memory of `data`."""
    magic = bytes((0, 0, UNSIGNED_BYTE, dimensions))
    header = len(magic) + 4 * dimensions
    if data[:4] != magic:
        raise FileFormatError(
            name,
            found=f"magic number 0x{data[:4].hex()}" if data else "an empty file",
            expected=f"0x{magic.hex()}, an IDX file of {what}",
            fix="Give the original IDX file, plain or as .gz; check that images and labels are not swapped.",
        )
    if len(data) < header:
        raise wrong_length(data, name, f"a header of {header} bytes")
    shape = tuple(int(size) for size in np.frombuffer(data[4:header], ">u4"))
    expected = header + prod(shape)
    if len(data) != expected:
        sizes = " × ".join(f"{size:,}" for size in shape)
        raise wrong_length(data, name, f"{expected:,}, as its header says ({sizes} {what})")
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape)


def wrong_length(data: bytes, name: object, expected: str) -> FileFormatError:
    return FileFormatError(
        name,
        found=f"{len(data):,} bytes",
        expected=expected,
        fix="The file is truncated or damaged: fetch or write it again.",
    )
