"""Reads an IDX file of images with the file of labels beside it."""

import re
from pathlib import Path

from tinydigits.data.dataset import Dataset
from tinydigits.data.file_bytes import unzipped
from tinydigits.data.idx import parse_images, parse_labels
from tinydigits.data.plain import plain_dataset
from tinydigits.errors import DataError

# Matches `train-images-idx3-ubyte`, the published name, and `train-images.idx3-ubyte`, which some programs write.
IMAGES_NAME = re.compile(r"images([-.])idx3")


def load_idx(path: Path) -> Dataset:
    """Reads the images file at `path`, plain or .gz, and the labels file beside it."""
    labels = labels_beside(path)
    answers = parse_labels(unzipped(labels), labels)
    return plain_dataset(parse_images(unzipped(path), path), answers, str(path), str(labels))


def labels_beside(path: Path) -> Path:
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
    return labels
