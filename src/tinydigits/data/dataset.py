"""Data sets in memory: the class `Dataset`, the bundled MNIST, and the split of a user's set.

Pixels stay uint8 until a model scales them by 1/255. This module alone knows that factor (`scaled`).
"""

import gzip
import hashlib
from dataclasses import dataclass
from importlib import resources
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Float32Array, Int64Array, UInt8Images
from tinydigits.data.idx import parse_images, parse_labels
from tinydigits.errors import DataError, EmptyDataError, ImageShapeError, IntegrityError, LabelError, UnequalCountsError
from tinydigits.system.words import counted

CLASSES = 10
# Number of MNIST's training images to train on. The other 5,000 of the 60,000 validate, as for the published nets.
MNIST_TRAIN = 55_000
# One in this many images of a user's set validates: the same share as 5,000 of MNIST's 60,000.
VALIDATION_SHARE = 12
# Seed of the split. It is fixed, so that every run on a set is validated on the same images.
SPLIT_SEED = 0

ORIGIN = "The MNIST database of handwritten digits, by Yann LeCun, Corinna Cortes and Christopher J. C. Burges"
DATA_LICENSE = "CC BY-SA 3.0"
# SHA-256 of each bundled file as stored.
STORED_SHA256 = {
    "train-images-idx3-ubyte.gz": "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
    "train-labels-idx1-ubyte.gz": "1787548bbe0bff1ec2ecdc0ef292b02df999e2d1a6002d27500982c652b17203",
    "t10k-images-idx3-ubyte.gz": "1a1a05eab793c14bb050b398624a11b0ffd1a2953baed553b1b9bd079e2a20be",
    "t10k-labels-idx1-ubyte.gz": "b91679a0acfe4ba0e50a2437a903084cba1f5f92592b016a25a7dfd00455798b",
}
# SHA-256 of the IDX bytes inside each bundled file, which are MNIST's published ones.
CANONICAL_SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled images.

    Attributes:
        images: uint8 [n, height, width] or [n, height, width, channels], ink bright.
        labels: int64 [n], 0 to 9.
        name: what messages call the data set.

    Raises:
        EmptyDataError, UnequalCountsError, ImageShapeError, LabelError, DataError: the arrays break one of these rules.
    """

    images: UInt8Images
    labels: Int64Array
    name: str = "data"

    def __post_init__(self) -> None:
        check_images(self.images, self.name)
        check_labels(self.labels, self.name)
        if len(self.images) != len(self.labels):
            raise UnequalCountsError(
                self.name,
                found=f"{counted(len(self.images), 'image')} and {counted(len(self.labels), 'label')}",
                expected="one label for each image",
                fix="Check that both come from the same set.",
            )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: slice | Int64Array) -> "Dataset":
        return Dataset(self.images[index], self.labels[index], self.name)


@dataclass(frozen=True, eq=False)
class Splits:
    """The training, validation and test images of one data set; `test` is None if the set has no test images."""

    train: Dataset
    validation: Dataset
    test: Dataset | None


def check_images(images: UInt8Images, name: str) -> None:
    if images.dtype != np.uint8:
        raise DataError(
            name,
            found=f"images of type {images.dtype}",
            expected="uint8, 0 to 255",
            fix="Multiply images between 0 and 1 by 255, round, and save them as uint8.",
        )
    if images.shape[:1] == (0,):
        raise EmptyDataError(name, found="no images", expected="at least one", fix="Give a set with images in it.")
    if images.ndim not in (3, 4) or 0 in images.shape:
        raise ImageShapeError(
            name,
            found=f"an array of shape {list(images.shape)}",
            expected="[n, height, width] or [n, height, width, channels]",
            fix="Reshape the images, one a row.",
        )


def check_labels(labels: Int64Array, name: str) -> None:
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise LabelError(
            name,
            found=f"labels of type {labels.dtype} and shape {list(labels.shape)}",
            expected="whole numbers, one an image",
            fix="Save the labels as integers 0 to 9, not one-hot.",
        )
    wrong = np.flatnonzero((labels < 0) | (labels >= CLASSES))
    if len(wrong):
        raise LabelError(
            name,
            found=f"label {labels[wrong[0]]} at position {wrong[0]} ({counted(len(wrong), 'such label')})",
            expected=f"0 to {CLASSES - 1}",
            fix="Remove those images or correct their labels.",
        )


def scaled(images: UInt8Images) -> Float32Array:
    """Converts uint8 images, 0 to 255, to float32 of the same shape, 0 to 1."""
    return np.divide(images, 255, dtype=np.float32)


def model_input(
    images: UInt8Images, input_shape: tuple[int, ...], name: str = "images", *, pixels: str = "0-1"
) -> Float32Array:
    """Converts uint8 images to a model's input: float32 [n, *input_shape], 0 to 1, or 0 to 255 with pixels="0-255".

    An axis of one channel is added or removed where only that differs.

    Raises:
        DataError: the images are not uint8.
        ImageShapeError: the images are of another size than `input_shape`.
    """
    check_images(images, name)
    check_size(images, input_shape, name)
    values = images.astype(np.float32) if pixels == "0-255" else scaled(images)
    return values.reshape(-1, *input_shape)


def check_size(images: NDArray[Any], input_shape: tuple[int, ...], name: str) -> None:
    """Raises ImageShapeError unless images [n, …] have `input_shape`.

    An axis of one channel does not count; a model with a flat input takes images of any shape with as many pixels.
    """
    if len(input_shape) == 1 and prod(images.shape[1:]) == input_shape[0]:
        return
    if without_channel_axis(images.shape[1:]) != without_channel_axis(input_shape):
        raise ImageShapeError(
            name,
            found=f"images of {' × '.join(map(str, images.shape[1:]))}",
            expected=f"{' × '.join(map(str, input_shape))}, which the model takes",
            fix="Scale them to that size (and convert colours to grey for one channel), or use another model.",
        )


def without_channel_axis(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Returns an image's shape without an axis of one channel: (28, 28, 1) becomes (28, 28)."""
    return shape[:2] if shape[2:] == (1,) else shape


def mnist() -> Splits:
    """Returns the bundled MNIST: 55,000 training, 5,000 validation and 10,000 test images, each [n, 28, 28].

    Raises:
        IntegrityError: a bundled file differs from its recorded SHA-256.
    """
    both = bundled("train")
    return Splits(
        train=named(both[:MNIST_TRAIN], "MNIST training images"),
        validation=named(both[MNIST_TRAIN:], "MNIST validation images"),
        test=mnist_test(),
    )


def mnist_test() -> Dataset:
    """Returns only MNIST's 10,000 test images.

    Raises:
        IntegrityError: a bundled file differs from its recorded SHA-256.
    """
    return named(bundled("t10k"), "MNIST test images")


def bundled(part: str) -> Dataset:
    """Reads the bundled images and labels whose file names begin with `part`."""
    images, labels = f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"
    return Dataset(parse_images(bundled_bytes(images), images), parse_labels(bundled_bytes(labels), labels))


def bundled_bytes(name: str) -> bytes:
    """Returns the IDX bytes of one bundled file."""
    return gzip.decompress(stored_bytes(name))


def stored_bytes(name: str) -> bytes:
    """Returns a bundled file as it is stored, compressed by gzip, after checking its SHA-256.

    Raises:
        IntegrityError: it is another one.
    """
    file = resources.files("tinydigits.data") / "mnist_files" / f"{name}.gz"
    stored = file.read_bytes()
    found = hashlib.sha256(stored).hexdigest()
    if found != STORED_SHA256[f"{name}.gz"]:
        raise IntegrityError(
            file,
            found=f"SHA-256 {found}",
            expected=STORED_SHA256[f"{name}.gz"],
            fix="The bundled file is damaged: install tinydigits again.",
        )
    return stored


def named(dataset: Dataset, name: str) -> Dataset:
    """Returns the same data set under another name."""
    return Dataset(dataset.images, dataset.labels, name)


def split(dataset: Dataset, test: Dataset | None) -> Splits:
    """Splits a user's set: the last twelfth of a seeded shuffle validates, the rest trains.

    Raises:
        EmptyDataError: `dataset` has fewer than 12 images.
    """
    held_out = len(dataset) // VALIDATION_SHARE
    if held_out == 0:
        raise EmptyDataError(
            dataset.name,
            found=counted(len(dataset), "image"),
            expected=f"at least {VALIDATION_SHARE}, so that a twelfth can validate",
            fix="Add more images.",
        )
    order = np.random.default_rng(SPLIT_SEED).permutation(len(dataset))
    return Splits(train=dataset[order[:-held_out]], validation=dataset[order[-held_out:]], test=test)
