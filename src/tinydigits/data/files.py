"""Reads data sets from disk: IDX pairs, `.npz` files, and folders with one sub-folder per class."""

import gzip
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.data.dataset import CLASSES, Dataset, check_labels
from tinydigits.data.idx import parse_images, parse_labels
from tinydigits.data.pictures import SUFFIXES, read_grey
from tinydigits.errors import DataError, EmptyDataError, FileFormatError, ImageShapeError, LabelError

# Matches `train-images-idx3-ubyte`, the published name, and `train-images.idx3-ubyte`, which some programs write.
IMAGES_NAME = re.compile(r"images([-.])idx3")
FORMATS_HELP = (
    "an IDX images file with its labels beside it (plain or .gz), a folder of such pairs, a .npz, "
    "or a folder with the sub-folders 0 to 9"
)


@dataclass(frozen=True)
class Loaded:
    """A data set read from disk, and its test set if the files hold one."""

    data: Dataset
    test: Dataset | None = None


def load(path: Path) -> Loaded:
    """Reads the data set at `path`.

    An IDX file is named as MNIST's are (`…images-idx3-ubyte`, `…labels-idx1-ubyte`, plain or .gz). A `.npz` holds
    `images` and `labels`, or `x_train` and `y_train` with or without `x_test` and `y_test`.

    Raises:
        DataError: the files are missing, damaged, or not a data set; the error's subclass says which.
        PictureError: a picture in a folder cannot be decoded.
    """
    if not path.exists():
        raise DataError(path, found="no such file or folder", expected=FORMATS_HELP, fix="Check the path.")
    try:
        if path.is_dir():
            return load_folder(path)
        return load_npz(path) if path.suffix == ".npz" else Loaded(load_idx(path))
    except OSError as error:
        raise DataError(
            path,
            found=f"a file that cannot be read ({error})",
            expected="a readable file",
            fix="Check its permissions, or fetch it again.",
        ) from error


def looks_inverted(dataset: Dataset) -> bool:
    """Returns whether the images look like dark ink on white paper: their borders are bright on average.

    Models expect bright ink on black.
    """
    images = dataset.images
    edges = [images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]]
    return float(np.mean([edge.mean() for edge in edges])) > 127.5


def load_folder(path: Path) -> Loaded:
    """Reads a folder that holds IDX pairs (at most one to train and one to test) or one sub-folder per class."""
    images = sorted(file for file in path.iterdir() if IMAGES_NAME.search(file.name) and file.is_file())
    if not images:
        return Loaded(load_classes(path))
    test = [file for file in images if file.name.startswith(("t10k", "test"))]
    train = [file for file in images if file not in test]
    if len(train) > 1 or len(test) > 1:
        raise DataError(
            path,
            found=f"{len(train)} IDX files of images, and {len(test)} named t10k… or test…",
            expected="one to train, and at most one to test",
            fix="Give the path of one images file.",
        )
    if not train:
        return Loaded(load_idx(test[0]))
    return Loaded(load_idx(train[0]), load_idx(test[0]) if test else None)


def load_idx(path: Path) -> Dataset:
    """Reads the images file at `path` and the labels file beside it."""
    if not IMAGES_NAME.search(path.name):
        raise FileFormatError(
            path,
            found=f"a file called {path.name}",
            expected=FORMATS_HELP,
            fix="Give the images file of an IDX pair a name like train-images-idx3-ubyte.",
        )
    name = IMAGES_NAME.sub(r"labels\1idx1", path.name)
    beside = [path.with_name(name), path.with_name(f"{name}.gz"), path.with_name(name.removesuffix(".gz"))]
    labels = next((file for file in beside if file.exists()), None)
    if labels is None:
        raise DataError(
            path,
            found=f"no {name} beside it",
            expected="the labels of its images",
            fix="Put the labels file into the same folder.",
        )
    answers = parse_labels(unzipped(labels), labels)
    check_labels(answers, str(labels))
    return Dataset(parse_images(unzipped(path), path), answers, str(path))


def unzipped(path: Path) -> bytes:
    """Returns a file's bytes; decompresses a .gz file."""
    if path.suffix != ".gz":
        return path.read_bytes()
    try:
        return gzip.decompress(path.read_bytes())
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FileFormatError(
            path, found=f"broken gzip data ({error})", expected="a whole .gz file", fix="Fetch it again."
        ) from error


def load_npz(path: Path) -> Loaded:
    """Reads a `.npz` with `images` and `labels`, or with Keras' four arrays."""
    if not zipfile.is_zipfile(path):
        raise broken_npz(path, "a file that is no zip archive, or not a whole one")
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except OSError:
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
    pairs = {"images": "labels", "x_train": "y_train", "x_test": "y_test"}
    found = {
        images: Dataset(arrays[images], whole(arrays[labels]), str(path))
        for images, labels in pairs.items()
        if images in arrays and labels in arrays
    }
    data = found.get("images") or found.get("x_train")
    if data is None:
        raise FileFormatError(
            path,
            found=f"the arrays {', '.join(arrays) or '(none)'}",
            expected="images and labels, or x_train and y_train",
            fix="Rename the arrays.",
        )
    return Loaded(data, found.get("x_test"))


def whole(labels: NDArray[Any]) -> NDArray[Any]:
    """Converts labels of any integer type to int64; `Dataset` refuses other types."""
    return labels.astype(np.int64) if np.issubdtype(labels.dtype, np.integer) else labels


def is_picture(file: Path) -> bool:
    """Returns whether the file's name is a picture's; hidden files, such as those that macOS adds, are not."""
    return file.suffix.lower() in SUFFIXES and not file.name.startswith(".") and file.is_file()


def load_classes(path: Path) -> Dataset:
    """Reads sub-folders named 0 to 9; each holds pictures of that digit, bright ink on black."""
    folders = sorted(folder for folder in path.iterdir() if folder.is_dir() and not folder.name.startswith("."))
    wrong = [folder for folder in folders if folder.name not in map(str, range(CLASSES))]
    if wrong:
        raise LabelError(
            wrong[0], found="a sub-folder of that name", expected="0 to 9, one per class", fix="Rename or move it."
        )
    files = [file for folder in folders for file in sorted(folder.iterdir()) if is_picture(file)]
    if not files:
        raise EmptyDataError(path, found="no pictures", expected=FORMATS_HELP, fix="Check the path.")
    images = [read_grey(file) for file in files]
    for file, image in zip(files, images, strict=True):
        if image.shape != images[0].shape:
            raise ImageShapeError(
                file,
                found=f"{image.shape[1]} × {image.shape[0]} pixels",
                expected=f"{images[0].shape[1]} × {images[0].shape[0]}, as {files[0].name} has",
                fix="Scale all pictures to one size.",
            )
    return Dataset(np.stack(images), np.array([int(file.parent.name) for file in files], np.int64), str(path))
