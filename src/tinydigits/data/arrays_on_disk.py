"""Reads arrays: NumPy's `.npz` and pairs of `.npy`, and MATLAB's `.mat`. Nothing in these files is ever run."""

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.data.dataset import Dataset
from tinydigits.data.file_bytes import check_archive, check_regular
from tinydigits.data.loaded import Loaded
from tinydigits.data.plain import plain_dataset
from tinydigits.errors import DataError, FileFormatError

# Names of images in a file, and of the labels that belong to them.
DATA_PAIRS = {
    "images": "labels",
    "x_train": "y_train",
    "X_train": "y_train",
    "train_images": "train_labels",
    "training_images": "training_labels",
    "x": "y",
    "X": "y",
    "data": "label",
}
# The same of test images.
TEST_PAIRS = {"x_test": "y_test", "X_test": "y_test", "test_images": "test_labels"}
# Matches the part of a .npy file's name that says that it holds images.
IMAGES_WORD = re.compile(r"(?<![A-Za-z])(?:images|[xX])(?![A-Za-z])")


def load_npz(path: Path) -> Loaded:
    """Reads a `.npz` with `images` and `labels`, with Keras' four arrays, or with other names of the pairs above."""
    check_regular(path)
    if not zipfile.is_zipfile(path):
        raise broken_npz(path, "a file that is no zip archive, or not a whole one")
    try:
        check_archive(path)
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, DataError):
        raise
    except Exception as error:  # NumPy raises errors of many types for damaged archives
        raise broken_npz(path, f"{type(error).__name__}: {error}") from error
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) or array.ndim == 0:
            raise broken_npz(path, f"`{name}`, which is no array of several values")
    return loaded_from(arrays, path)


def broken_npz(path: Path, found: str) -> FileFormatError:
    return FileFormatError(
        path, found=found, expected="a whole .npz of plain arrays", fix="Write it with numpy.savez_compressed."
    )


def loaded_from(arrays: Mapping[str, NDArray[Any]], path: Path) -> Loaded:
    """Builds data sets from the arrays with known names."""
    data, test = (first_pair(arrays, pairs, path) for pairs in (DATA_PAIRS, TEST_PAIRS))
    if data is None:
        raise FileFormatError(
            path,
            found=f"the arrays {', '.join(arrays) or '(none)'}",
            expected="images and labels, or x_train and y_train",
            fix="Rename the arrays.",
        )
    return Loaded(data, test)


def first_pair(arrays: Mapping[str, NDArray[Any]], pairs: Mapping[str, str], path: Path) -> Dataset | None:
    for images, labels in pairs.items():
        if images in arrays and labels in arrays:
            return plain_dataset(samples_first(arrays[images], arrays[labels]), arrays[labels], str(path))
    return None


def samples_first(images: NDArray[Any], labels: NDArray[Any]) -> NDArray[Any]:
    """Turns flat images that are stored as columns, as in `mnist-original.mat`, into rows."""
    columns = images.ndim == 2 and images.shape[0] != labels.size == images.shape[1]
    return np.ascontiguousarray(images.T) if columns else images


def load_npy(path: Path) -> Loaded:
    """Reads the `.npy` of images at `path` and the `.npy` of labels beside it."""
    labels = path.with_name(labels_name(path.name))
    if labels == path or not labels.exists():
        missing = "a name without `images` or `x`" if labels == path else f"no {labels.name} beside it"
        raise DataError(
            path,
            found=missing,
            expected="a pair such as images.npy and labels.npy, or x_train.npy and y_train.npy",
            fix="Give the file of images, with the labels in the same folder.",
        )
    return Loaded(plain_dataset(array_in(path), array_in(labels), str(path), str(labels)))


def labels_name(images_name: str) -> str:
    """Returns the name of the labels: digits-images.npy belongs to digits-labels.npy, x_train.npy to y_train.npy."""
    words = {"images": "labels", "x": "y", "X": "y"}
    return IMAGES_WORD.sub(lambda word: words[word[0]], images_name, count=1)


def array_in(path: Path) -> NDArray[Any]:
    """Reads the array in a `.npy` file."""
    check_regular(path)
    try:
        array = np.load(path, allow_pickle=False)
    except OSError:
        raise
    except Exception as error:  # NumPy raises errors of many types for damaged files
        raise broken_npy(path, f"{type(error).__name__}: {error}") from error
    if not isinstance(array, np.ndarray) or array.ndim == 0:
        raise broken_npy(path, "no array of several values")
    return array


def broken_npy(path: Path, found: str) -> FileFormatError:
    return FileFormatError(
        path, found=found, expected="a whole .npy of one plain array", fix="Write it with numpy.save."
    )
