"""What a caller hands to `fit` → the arrays that the engine reads; and why it cannot be.

Arrays stay as they are where they already have the right type: images of a data set are never copied.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.data.dataset import without_channel_axis
from tinydigits.engine.runtime.job import Examples
from tinydigits.errors import (
    DataError,
    EmptyDataError,
    ImageShapeError,
    LabelError,
    UnequalCountsError,
    UnsupportedError,
)
from tinydigits.network.layers import Shape
from tinydigits.network.network import Network

LARGEST_COUNT = 2**31 - 1
# How far a row of targets may sum from 1; its gradient is then wrong by as much. Float32 sums are off by about 1e-6.
SUM_TOLERANCE = 1e-4


def examples(pair: tuple[Any, ...], network: Network, *, sparse: bool, name: str) -> Examples:
    """The pair (x, y) as the engine reads it.

    Args:
        pair: (x, y) or (x, y, sample weights `[n]`). x is uint8 or float32 `[n, *input_shape]`; one channel may be left
            out, float64 is rounded to float32. y is `[n, classes]`, or with `sparse` whole numbers `[n]` or `[n, 1]`.

    Raises:
        UnsupportedError: x or y is no NumPy array, or of a type that the engine does not read.
        EmptyDataError, UnequalCountsError, ImageShapeError, LabelError, DataError: the arrays do not fit the model.
    """
    x, y, weights = pair if len(pair) == 3 else (*pair, None)
    for array in (x, y):
        if not isinstance(array, np.ndarray):
            raise unsupported(name, f"a {type(array).__name__}", "NumPy arrays")
    if weights is not None:
        weights = image_weights(weights, len(x), name)
    if len(x) == 0:
        raise EmptyDataError(name, found="no images", expected="at least one", fix="Give a set with images in it.")
    if len(x) != len(y):
        raise UnequalCountsError(
            name,
            found=f"{len(x):,} images and {len(y):,} targets",
            expected="one target for each image",
            fix="Check that both come from the same set.",
        )
    targets = one_hot(y, network.classes, name) if sparse else given_targets(y, network.classes, name)
    return Examples(images(x, network.input_shape, name), targets, weights)


def image_weights(weights: NDArray[Any], images: int, name: str) -> NDArray[np.float32]:
    """Sample weights `[n]` or `[n, 1]` as float32 `[n]`."""
    if weights.shape not in ((images,), (images, 1)) or not np.issubdtype(weights.dtype, np.number):
        raise unsupported(
            name, f"sample weights of shape {list(weights.shape)}", f"[{images}], a number for each image"
        )
    return np.ascontiguousarray(weights.reshape(-1), np.float32)


def distributions(given: Examples, smoothing: float, name: str) -> Examples:
    """The same examples for a cross-entropy, with `smoothing` of every target spread over all classes alike.

    Raises:
        UnsupportedError: a row of targets does not sum to 1, for which Keras' backends have different gradients; or
            smoothing changes which class is the largest, by which accuracy is counted.
    """
    targets = given.targets
    assert targets is not None
    sums = targets.sum(axis=1, dtype=np.float64)
    wrong = np.flatnonzero(~(np.abs(sums - 1) <= SUM_TOLERANCE))
    if len(wrong):
        found = f"targets that sum to {sums[wrong[0]]:.6g} at position {wrong[0]} ({len(wrong):,} such rows)"
        raise unsupported(name, found, "targets that sum to 1, for cross-entropy")
    if not smoothing:
        return given
    smoothed = targets * np.float32(1 - smoothing) + np.float32(smoothing) / np.float32(targets.shape[1])
    if (smoothed.argmax(axis=1) != targets.argmax(axis=1)).any():
        raise unsupported(name, f"label_smoothing={smoothing}", "less, so that the right class stays the largest")
    return replace(given, targets=smoothed)


def unsupported(name: str, found: str, expected: str) -> UnsupportedError:
    return UnsupportedError(name, found=found, expected=expected, fix="Keras' own fit may take it.")


def images(x: NDArray[Any], input_shape: Shape, name: str) -> NDArray[Any]:
    """Contiguous uint8 or float32 `[n, …]` with the model's number of pixels each."""
    if len(x) > LARGEST_COUNT:
        raise unsupported(name, f"{len(x):,} images", f"at most {LARGEST_COUNT:,}")
    if without_channel_axis(x.shape[1:]) != without_channel_axis(input_shape):
        raise ImageShapeError(
            name,
            found=f"images of shape {list(x.shape[1:])}",
            expected=f"{list(input_shape)}",
            fix="Reshape the images, or the model's input.",
        )
    if x.dtype not in (np.uint8, np.float32, np.float64):
        raise unsupported(name, f"images of type {x.dtype}", "uint8 or float32")
    return np.ascontiguousarray(x, np.uint8 if x.dtype == np.uint8 else np.float32)


def one_hot(y: NDArray[Any], classes: int, name: str) -> NDArray[np.float32]:
    """Class numbers `[n]` or `[n, 1]` → float32 `[n, classes]`."""
    if y.shape not in ((len(y),), (len(y), 1)):
        raise LabelError(
            name,
            found=f"labels of shape {list(y.shape)}",
            expected="one class number for each image",
            fix="Use categorical cross-entropy for one-hot targets.",
        )
    labels = y.reshape(-1)
    wrong = np.flatnonzero(~((labels >= 0) & (labels < classes) & (labels == np.floor(labels))))
    if len(wrong):
        raise LabelError(
            name,
            found=f"label {labels[wrong[0]]} at position {wrong[0]} ({len(wrong):,} such labels)",
            expected=f"whole numbers from 0 to {classes - 1}",
            fix="Remove those images or mend their labels.",
        )
    targets = np.zeros((len(labels), classes), np.float32)
    targets[np.arange(len(labels)), labels.astype(np.int64)] = 1
    return targets


def given_targets(y: NDArray[Any], classes: int, name: str) -> NDArray[np.float32]:
    """Targets `[n, classes]` as float32."""
    if y.shape != (len(y), classes):
        raise LabelError(
            name,
            found=f"targets of shape {list(y.shape)}",
            expected=f"[{len(y)}, {classes}], one number for each class",
            fix="Use keras.utils.to_categorical, or a sparse loss.",
        )
    if not (np.issubdtype(y.dtype, np.number) or y.dtype == np.bool_):
        raise unsupported(name, f"targets of type {y.dtype}", "numbers")
    targets = np.ascontiguousarray(y, np.float32)
    if not np.isfinite(targets).all():
        raise DataError(name, found="a target that is no finite number", expected="finite targets")
    return targets
