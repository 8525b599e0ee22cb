"""How wide strokes are, and thin ones drawn as wide as those that nets learn from.

MNIST's pens were thick: half of its strokes are wider than 0.14 of a digit's longer side, one in twenty narrower than
0.09. A ball pen's are 0.05 wide, and shrunk to 20 pixels they are a pale line. `normalise` leaves a stroke's width
alone, so pages widen it first.
"""

import numpy as np

from tinydigits.arrays import Float32Array, Mask

# Narrower strokes, as a share of a digit's longer side, are widened to this; LOG.md has what it gains.
LEAST_WIDTH = 0.11


def stroke_width(own: Mask) -> float:
    """The width of strokes, in pixels: their area over their length.

    A stroke of area a and width w at angle t to the rows begins a·|sin t|/w runs along rows and a·|cos t|/w along
    columns; the root of their squares' sum is a/w.
    """
    padded = np.pad(own, 1)
    along_rows = np.count_nonzero(padded[:, 1:] & ~padded[:, :-1])
    along_columns = np.count_nonzero(padded[1:] & ~padded[:-1])
    return float(np.count_nonzero(own) / max(1.0, np.hypot(along_rows, along_columns)))


def widened(ink: Float32Array, own: Mask) -> Float32Array:
    """Ink, 0 to 1, with strokes at least `LEAST_WIDTH` of the longer side of the mark wide; `own` is that mark."""
    missing = LEAST_WIDTH * longer_side(own) - stroke_width(own)
    return grown(ink, missing / 2) if missing > 0 else ink


def longer_side(own: Mask) -> int:
    return max(int(np.ptp(np.flatnonzero(own.any(axis=axis)))) + 1 for axis in (0, 1))


def grown(ink: Float32Array, radius: float) -> Float32Array:
    """Ink, 0 to 1, spread by `radius` pixels to every side; a part of a pixel is a part of its ink."""
    spread = np.pad(ink, int(np.ceil(radius)))
    for step in range(int(np.ceil(radius))):
        share = min(1.0, radius - step)
        # By turns a cross and a square, which together come near a disc.
        larger = squared(spread) if step % 2 else crossed(spread)
        spread = (1 - share) * spread + share * larger
    return np.asarray(spread, np.float32)


def reached(own: Mask, distance: int) -> Mask:
    """All within about `distance` pixels of a mark."""
    return grown(own.astype(np.float32), distance)[distance : -distance or None, distance : -distance or None] > 0


def crossed(ink: Float32Array) -> Float32Array:
    """The largest of each pixel and its four neighbours."""
    return np.maximum(across(ink), across(ink.T).T)


def squared(ink: Float32Array) -> Float32Array:
    """The largest of each pixel and its eight neighbours."""
    return across(across(ink).T).T


def across(ink: Float32Array) -> Float32Array:
    larger = ink.copy()
    np.maximum(larger[1:], ink[:-1], out=larger[1:])
    np.maximum(larger[:-1], ink[1:], out=larger[:-1])
    return larger
