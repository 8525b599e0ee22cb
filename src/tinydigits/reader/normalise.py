"""Ink of any size → the 28×28 picture that a net was trained on: MNIST's own recipe.

The contract, for every port (C, the web page):

1. Cut the ink to its tight box: the smallest that holds every value above 0.
2. Scale the box, keeping its shape, so that its longer side is 20 pixels; the shorter is rounded, at least 1.
   Each new pixel is the mean of the area that it covers, a part of an old pixel counting by its share.
3. Multiply so that the brightest pixel is 1.
4. Lay it on 28×28 of zeros, moved by whole pixels so that its centre of mass falls into pixel 14 of 0 to 27, along
   both axes; the box never leaves the picture. (So it is in all of MNIST: measured from the outer edge of the first
   pixel, the centres of its 10,000 test images lie between 14.0000 and 14.9999.)
5. Times 255, rounded: uint8.

Steps 1, 2 and 4 are those of LeCun et al. 1998, "Gradient-based learning applied to document recognition", section
III-A, and of the MNIST page: "size normalized to fit in a 20×20 pixel box while preserving their aspect ratio […]
centered in a 28×28 image by computing the center of mass".
Halves are rounded up, so that no port depends on a tie rule.
"""

import math
from functools import lru_cache

import numpy as np

from tinydigits.arrays import Float32Array, UInt8Images
from tinydigits.errors import NoInkError

SIDE = 28
BOX = 20


def normalise(ink: Float32Array) -> UInt8Images:
    """Ink as MNIST shows it.

    Args:
        ink: float [height, width], 0 to 1, ink bright; exactly 0 wherever there is none.

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
    """The tight box around everything above 0."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if len(rows) == 0:
        raise NoInkError(
            "ink", found="no ink", expected="at least one pixel above 0", fix="Give a picture with a digit in it."
        )
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fitted(size: int, scale: float) -> int:
    return max(1, math.floor(size * scale + 0.5))


@lru_cache(maxsize=1000)  # of a few kilobytes each; digits of a page have few sizes
def area_weights(old: int, new: int) -> Float32Array:
    """[new, old]: the share of each old pixel in each new one; rows sum to 1. Not to be written to."""
    edges = np.arange(new + 1) * (old / new)
    # How much of old pixel j lies left of each edge: 0 to 1.
    covered = np.clip(edges[:, None] - np.arange(old), 0, 1)
    return np.asarray(np.diff(covered, axis=0) * (new / old), np.float32)


def on_canvas(small: Float32Array) -> UInt8Images:
    """[height, width] of at most 20×20 → uint8 [28, 28], centre of mass in pixel 14."""
    top, left = (offset(small.sum(axis=axis)) for axis in (1, 0))
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small * 255 + 0.5
    return canvas


def offset(mass: Float32Array) -> int:
    """Where ink with this profile begins, along one axis, for its centre of mass to lie in pixel 14."""
    centre = float(mass @ (np.arange(len(mass)) + 0.5)) / float(mass.sum())
    return min(max(math.ceil(SIDE / 2 - centre), 0), SIDE - len(mass))
