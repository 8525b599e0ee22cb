"""Measures the width of strokes, and widens thin ones to the width that nets know from MNIST.

MNIST's pens were thick. Half of its strokes are wider than 0.14 of a digit's longer side; one in twenty is narrower
than 0.09. The strokes of a ball pen are 0.05 wide. When a digit is shrunk to 20 pixels, they become a pale line.
`normalise` does not change the width of strokes, so pages widen them before.
"""

import numpy as np

from tinydigits.arrays import Float32Array, Mask

# Strokes are widened to at least this share of a digit's longer side. LOG.md says what that gains.
LEAST_WIDTH = 0.11


def stroke_width(own: Mask) -> float:
    """Returns the width of a mark's strokes, in pixels: their area divided by their length."""
    return float(np.count_nonzero(own) / max(1.0, stroke_length(own)))


def stroke_length(own: Mask) -> float:
    """Returns the length of a mark's strokes, in pixels, however wide they are.

    Take a stroke of area a and width w, at angle t to the rows. It starts a·|sin t|/w runs along rows and a·|cos t|/w
    along columns. The root of the sum of their squares is a/w, the length.
    """
    along_rows = np.count_nonzero(own[:, 0]) + np.count_nonzero(own[:, 1:] & ~own[:, :-1])
    along_columns = np.count_nonzero(own[0]) + np.count_nonzero(own[1:] & ~own[:-1])
    return float(np.hypot(along_rows, along_columns))


def widened(ink: Float32Array, own: Mask) -> Float32Array:
    """Widens thin strokes to `LEAST_WIDTH` of the mark's longer side.

    Args:
        ink: float32 [height, width], 0 to 1.
        own: the pixels that belong to the mark.
    """
    missing = LEAST_WIDTH * longer_side(own) - stroke_width(own)
    return grown(ink, missing / 2) if missing > 0 else ink


def at_least(ink: Float32Array, width: float) -> Float32Array:
    """Widens strokes to at least `width` pixels; the array grows with them."""
    missing = width - stroke_width(ink > 0.5)
    return grown(ink, missing / 2) if missing > 0 else ink


def longer_side(own: Mask) -> int:
    """Returns the longer side, in pixels, of the box around a mark."""
    return max(int(np.ptp(np.flatnonzero(own.any(axis=axis)))) + 1 for axis in (0, 1))


def grown(ink: Float32Array, radius: float) -> Float32Array:
    """Spreads ink, 0 to 1, by `radius` pixels to every side; a fraction of a pixel adds that fraction of its ink."""
    steps = int(np.ceil(radius))
    spread = np.zeros((ink.shape[0] + 2 * steps, ink.shape[1] + 2 * steps), np.float32)
    spread[steps : steps + ink.shape[0], steps : steps + ink.shape[1]] = ink
    for step in range(steps):
        share = min(1.0, radius - step)
        # A cross and a square in turn come close to a disc.
        larger = squared(spread) if step % 2 else crossed(spread)
        spread = (1 - share) * spread + share * larger
    return np.asarray(spread, np.float32)


def crossed(ink: Float32Array) -> Float32Array:
    """Returns the maximum of each pixel and its four neighbours."""
    return np.maximum(across(ink), across(ink.T).T)


def squared(ink: Float32Array) -> Float32Array:
    """Returns the maximum of each pixel and its eight neighbours."""
    return across(across(ink).T).T


def across(ink: Float32Array) -> Float32Array:
    """Returns the maximum of each pixel and its neighbours above and below."""
    larger = ink.copy()
    np.maximum(larger[1:], ink[:-1], out=larger[1:])
    np.maximum(larger[:-1], ink[1:], out=larger[:-1])
    return larger
