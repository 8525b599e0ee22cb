"""Images as clients send them, as arrays: lists of whole numbers, or bytes."""

from itertools import chain
from typing import Any

import numpy as np

from tinydigits.arrays import UInt8Images
from tinydigits.reader.normalise import SIDE
from tinydigits.serve.refusal import RefusalError

# Most images of one request.
MOST_IMAGES = 1_024
PIXELS = SIDE * SIDE
EXPECTED = f"28 rows of 28 whole numbers from 0 to 255, or 1 to {MOST_IMAGES:,} such images"


def images_from_bytes(data: bytes) -> UInt8Images:
    """Returns images sent as one byte a pixel, uint8 [n, 28, 28].

    Raises:
        RefusalError: 400, not a whole number of images; 413, too many.
    """
    count, rest = divmod(len(data), PIXELS)
    if rest or not count:
        raise RefusalError(
            400, "body", found=f"{len(data):,} bytes", expected=f"{PIXELS} for each image, rows from the top"
        )
    check_count(count)
    return np.frombuffer(data, np.uint8).reshape(count, SIDE, SIDE)


def images_from_lists(value: Any) -> UInt8Images:
    """Returns images sent as lists, one [28][28] or several [n][28][28], as uint8 [n, 28, 28].

    Raises:
        RefusalError: 400, they are no such lists; 413, too many.
    """
    rows = rows_of(value)
    if rows is None or not all(isinstance(row, list) and len(row) == SIDE for row in rows):
        raise no_images()
    check_count(len(rows) // SIDE)
    return images_from_bytes(bytes_from_numbers([*chain.from_iterable(rows)]))


def rows_of(value: Any) -> list[Any] | None:
    """Returns all rows of one image or of several; None if these are no images."""
    if not isinstance(value, list) or not value or not isinstance(value[0], list) or not value[0]:
        return None
    images = value if isinstance(value[0][0], list) else [value]
    if not all(isinstance(image, list) and len(image) == SIDE for image in images):
        return None
    return [*chain.from_iterable(images)]


def bytes_from_numbers(numbers: list[Any]) -> bytes:
    """Returns a byte for each number; raises RefusalError if one is not a whole number from 0 to 255."""
    if set(map(type, numbers)) != {int}:  # `bytes` would take true for 1
        raise no_images()
    try:
        return bytes(numbers)
    except ValueError as error:
        raise no_images() from error


def check_count(count: int) -> None:
    if count > MOST_IMAGES:
        raise RefusalError(
            413, "body", found=f"{count:,} images", expected=f"at most {MOST_IMAGES:,}", fix="Send them in parts."
        )


def no_images() -> RefusalError:
    return RefusalError(400, "images", found="something else", expected=EXPECTED)
