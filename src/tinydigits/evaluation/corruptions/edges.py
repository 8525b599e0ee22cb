"""Canny's edges, the corruption of MNIST-C that leaves only outlines; see `fifteen.py`.

Canny 1986, "A computational approach to edge detection": smooth the image, compute the slope, keep its crests, and
follow strong crests along weak ones. Sigma is 1 and the thresholds are 0.1 and 0.2, as in the benchmark.
"""

import numpy as np
from scipy import ndimage

from tinydigits.arrays import Float64Array, Mask

# Slope from which a crest is weak or strong.
WEAK, STRONG = 0.1, 0.2
# Structuring element: the eight neighbours within an image, none in other images.
NEIGHBOURS = np.zeros((3, 3, 3), bool)
NEIGHBOURS[1] = True


def canny_edges(x: Float64Array, random: np.random.Generator) -> Float64Array:
    """Returns 1 on edges and 0 elsewhere."""
    smooth = ndimage.gaussian_filter(x, (0, 1, 1), mode="constant")
    down, right = ndimage.sobel(smooth, axis=1), ndimage.sobel(smooth, axis=2)
    slope = np.hypot(down, right)
    ridge = crests(slope, down, right)
    # Weak crests that connect to a strong crest are edges.
    regions, _ = ndimage.label(ridge & (slope >= WEAK), structure=NEIGHBOURS)
    kept = np.unique(regions[ridge & (slope >= STRONG)])
    return np.isin(regions, kept[kept > 0]).astype(float)


def crests(slope: Float64Array, down: Float64Array, right: Float64Array) -> Mask:
    """Returns where the slope is at least as large as one pixel further in its direction, and one pixel back."""
    length = np.where(slope > 0, slope, 1)
    which, rows, columns = np.meshgrid(*map(np.arange, slope.shape), indexing="ij")
    ahead, behind = (
        ndimage.map_coordinates(
            slope, [which, rows + sign * down / length, columns + sign * right / length], order=1, mode="nearest"
        )
        for sign in (1, -1)
    )
    inside = np.zeros(slope.shape, bool)
    inside[:, 1:-1, 1:-1] = True
    return np.asarray(inside & (slope >= ahead) & (slope >= behind))
