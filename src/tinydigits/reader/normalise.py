"""Normalises ink of any size to an image of 28×28 pixels, with MNIST's own recipe.

Every port (C, the web page) must follow these steps:

1. Cut the ink to its tight box: the smallest box that contains every value above 0.
2. Scale the box, keeping its shape, so that its longer side is 20 pixels; the shorter side is rounded, at least 1.
   Each new pixel is the mean of the area that it covers; an old pixel that is covered in part counts in part.
3. Multiply so that the brightest pixel is 1.
4. Put it into 28×28 zeros, moved by whole pixels so that its centre of mass falls into pixel 14 of 0 to 27, along
   both axes. The box never leaves the image. (MNIST does the same: measured from the outer edge of the first pixel,
   the centres of its 10,000 test images lie between 14.0000 and 14.9999.)
5. Multiply by 255 and round to uint8.

Steps 1, 2 and 4 are those of LeCun et al. 1998, "Gradient-based learning applied to document recognition", section
III-A, and of the MNIST page: "size normalized to fit in a 20×20 pixel box while preserving their aspect ratio […]
centered in a 28×28 image by computing the center of mass".
Halves are always rounded up, so that all ports round alike.
"""

import math
from functools import lru_cache

import numpy as np

from tinydigits.arrays import Float32Array, UInt8Images
from tinydigits.errors import NoInkError

# Side of a normalised image, in pixels.
SIDE = 28
# Longer side of a digit in a normalised image, in pixels.
BOX = 20


def normalise(ink: Float32Array) -> UInt8Images:
    """Normalises ink as MNIST does.

    Args:
        ink: float [height, width], 0 to 1, ink bright; exactly 0 where there is none.

    Returns:
        uint8 [28, 28].

    Raises:
        NoInkError: every value is 0.
    """
    tight = cut_to_ink(ink)
    height, width = tight.shape
    scale = BOX / max(height, width)
    small = area_weights(height, fitted(height, scale)) @ tight @ area_weights(width, fitted(width, scale)).T
    return on_canvas(small / small.max())


def cut_to_ink(ink: Float32Array) -> Float32Array:
    """Cuts ink to the tight box around all values above 0."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if len(rows) == 0:
        raise NoInkError(
            "ink", found="no ink", expected="at least one pixel above 0", fix="Give a picture with a digit in it."
        )
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fitted(size: int, scale: float) -> int:
    """Returns a side after scaling, in whole pixels, at least 1."""
    return max(1, math.floor(size * scale + 0.5))


@lru_cache(maxsize=1000)  # each takes a few kilobytes; digits of a page have few sizes
def area_weights(old: int, new: int) -> Float32Array:
    """Returns [new, old], the share of each old pixel in each new one; rows sum to 1.

    The array is cached: never write to it.
    """
    edges = np.arange(new + 1) * (old / new)
    # The share, 0 to 1, of old pixel j that lies left of each edge.
    covered = np.clip(edges[:, None] - np.arange(old), 0, 1)
    return np.asarray(np.diff(covered, axis=0) * (new / old), np.float32)


def on_canvas(small: Float32Array) -> UInt8Images:
    """Puts [height, width] of at most 20×20 on uint8 [28, 28], with its centre of mass in pixel 14."""
    top, left = (offset(small.sum(axis=axis)) for axis in (1, 0))
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small * 255 + 0.5
    return canvas


def offset(mass: Float32Array) -> int:
    """Returns the first pixel of ink, along one axis, that puts its centre of mass into pixel 14.

    Args:
        mass: the ink of each row or column.
    """
    centre = float(mass @ (np.arange(len(mass)) + 0.5)) / float(mass.sum())
    return min(max(math.ceil(SIDE / 2 - centre), 0), SIDE - len(mass))
