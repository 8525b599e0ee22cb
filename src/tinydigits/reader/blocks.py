"""Takes a picture that was enlarged by repeating its pixels back to its own size.

Image viewers, and `plt.imsave` of an array enlarged by `np.repeat`, draw each pixel as a block. The blocks' corners are
no part of a digit's shape.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Fewest pixels, along each side, of a picture in its own size. Coarser ones are drawings made of large squares.
LEAST_SIDE = 8
# Rows and columns that are looked at first: most pictures show there that they have no blocks.
SAMPLE = 16


def own_pixels(picture: Image.Image) -> tuple[Image.Image, int]:
    """Returns a picture with one pixel for each block of equal ones, and the side of the blocks in pixels."""
    pixels = np.asarray(picture)
    size = block_size(pixels)
    if size == 1 or min(picture.size) < size * LEAST_SIDE:
        return picture, 1
    return Image.fromarray(np.ascontiguousarray(pixels[::size, ::size])), size


def block_size(pixels: NDArray[Any]) -> int:
    """Returns the largest k such that an array [height, width, …] consists of blocks of k×k equal pixels."""
    height, width = pixels.shape[:2]
    for down, along in ((max(1, height // SAMPLE), max(1, width // SAMPLE)), (1, 1)):
        size = math.gcd(height, width, *changes(pixels[::down].swapaxes(0, 1)), *changes(pixels[:, ::along]))
        if size == 1:
            break
    return size


def changes(lines: NDArray[Any]) -> list[int]:
    """Returns which lines, of an array [lines, …], differ from the line before."""
    flat = lines.reshape(len(lines), -1)
    return [int(line) for line in np.flatnonzero((flat[1:] != flat[:-1]).any(axis=1)) + 1]
