"""Changes that make images what models expect: upright, and with bright ink on black."""

from dataclasses import dataclass

import numpy as np

from tinydigits.arrays import UInt8Images


@dataclass(frozen=True)
class Mend:
    """Which changes images need.

    Attributes:
        transpose: rows and columns are swapped, as in EMNIST's files.
        invert: the ink is dark and the ground bright.
    """

    transpose: bool = False
    invert: bool = False

    def __bool__(self) -> bool:
        return self.transpose or self.invert

    def __xor__(self, other: "Mend") -> "Mend":
        """Returns what both changes together come to: the same change made twice is none."""
        return Mend(self.transpose != other.transpose, self.invert != other.invert)

    def __call__(self, images: UInt8Images) -> UInt8Images:
        """Returns the images, [n, height, width] with or without channels, with these changes."""
        turned = np.ascontiguousarray(images.swapaxes(1, 2)) if self.transpose else images
        return 255 - turned if self.invert else turned


def has_bright_border(images: UInt8Images) -> bool:
    """Returns whether the images look like dark ink on white paper: their borders are bright on average."""
    edges = [images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]]
    return float(np.mean([edge.mean() for edge in edges])) > 127.5
