"""What a reader of data sets returns: the images of a set, and its test images."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from tinydigits.arrays import UInt8Images
from tinydigits.data.dataset import Dataset

# The part of a set that is trained on (or all of it), and the part that is only scored.
Part = Literal["train", "test"]
# Converts one picture to the image that a model takes: uint8 [height, width].
Normalise = Callable[[Image.Image], UInt8Images]


@dataclass(frozen=True, eq=False)
class Loaded:
    """A data set read from disk, and its test set if the files hold one."""

    data: Dataset
    test: Dataset | None = None

    def changed(self, change: Callable[[UInt8Images], UInt8Images], only: Part | None = None) -> "Loaded":
        """Returns the set with `change` applied to all images, or to those of one part."""
        data = self.data if only == "test" else with_images(self.data, change)
        return Loaded(data, self.test if only == "train" or self.test is None else with_images(self.test, change))


def with_images(dataset: Dataset, change: Callable[[UInt8Images], UInt8Images]) -> Dataset:
    """Returns a data set whose images are `change(images)`."""
    return Dataset(change(dataset.images), dataset.labels, dataset.name)
