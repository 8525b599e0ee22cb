"""Converts arrays as people store them to those of a `Dataset`, where only one meaning is possible.

What may have two meanings is left as it is, and `Dataset` refuses it.
"""

from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.data.dataset import CLASSES, Dataset, check_labels
from tinydigits.errors import LabelError


def plain_dataset(images: NDArray[Any], labels: NDArray[Any], name: str, labels_name: str | None = None) -> Dataset:
    """Builds a data set from arrays of any form that `plain_images` and `plain_labels` know.

    Raises:
        DataError: the arrays are no data set; the error's subclass says why.
    """
    answers = plain_labels(labels, len(images), labels_name or name)
    check_labels(answers, labels_name or name)
    return Dataset(plain_images(images), answers, name)


def plain_images(images: NDArray[Any]) -> NDArray[Any]:
    """Converts whole numbers from 0 to 255 of any type to uint8 and flat rows to squares; removes a channel's axis."""
    return squares(whole_pixels(images))


def whole_pixels(images: NDArray[Any]) -> NDArray[Any]:
    """Converts whole numbers from 0 to 255 to uint8. A largest value of 1 may mean black or white, so it is left."""
    if images.dtype == np.uint8 or images.dtype.kind not in "iuf" or images.size == 0:
        return images
    largest = images.max()  # not a number if any value is none
    if not (largest == 0 or 1 < largest <= 255) or images.min() < 0 or not is_whole(images):
        return images
    return images.astype(np.uint8)


def is_whole(values: NDArray[Any]) -> bool:
    return bool(values.dtype.kind != "f" or np.array_equal(values, np.rint(values)))


def squares(images: NDArray[Any]) -> NDArray[Any]:
    """Reshapes rows of 784 to 28 × 28, and likewise other squares; removes a first axis of one channel."""
    if images.ndim == 2 and (side := isqrt(images.shape[1])) > 1 and side * side == images.shape[1]:
        return images.reshape(-1, side, side)
    if images.ndim == 4 and images.shape[1] == 1 and images.shape[3] > 4:
        return images[:, 0]
    return images


def plain_labels(labels: NDArray[Any], count: int, name: str) -> NDArray[Any]:
    """Converts the labels of `count` images to int64 [count].

    A column, a row, one-hot rows, whole numbers of any type and digits as text are known.

    Raises:
        LabelError: the labels are 1 to 10, where 10 may mean the digit 0 or the digit 9.
    """
    answers = whole_numbers(in_one_row(labels, count))
    if answers.dtype == np.int64 and answers.size and answers.min() >= 1 and answers.max() == CLASSES:
        raise LabelError(
            name,
            found=f"labels from {answers.min()} to {CLASSES}",
            expected=f"0 to {CLASSES - 1}",
            fix="Where 10 means the digit 0, save `labels % 10`; where 1 means the digit 0, save `labels - 1`.",
        )
    return answers


def in_one_row(labels: NDArray[Any], count: int) -> NDArray[Any]:
    if labels.shape in ((count, 1), (1, count)):
        return labels.ravel()
    return labels.argmax(axis=1) if is_one_hot(labels, count) else labels


def is_one_hot(labels: NDArray[Any], count: int) -> bool:
    """Returns whether each of `count` rows is nine times 0 and once 1."""
    if labels.shape != (count, CLASSES) or labels.dtype.kind not in "biuf":
        return False
    return bool(np.isin(labels, (0, 1)).all() and (labels.sum(axis=1) == 1).all())


def whole_numbers(labels: NDArray[Any]) -> NDArray[Any]:
    """Converts whole numbers, and text that states them, to int64; returns other values as they are."""
    if labels.dtype.kind in "US" and labels.size and np.char.isdigit(labels).all():
        return labels.astype(np.int64)
    if labels.dtype.kind == "f" and not (np.isfinite(labels).all() and is_whole(labels)):
        return labels
    return labels.astype(np.int64) if labels.dtype.kind in "iuf" else labels
