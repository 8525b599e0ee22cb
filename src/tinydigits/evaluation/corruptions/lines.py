"""The two corruptions of MNIST-C that draw lines; see `fifteen.py`."""

from itertools import pairwise

import numpy as np

from tinydigits.arrays import Float64Array

Point = tuple[float, float]  # (column, row)

# Side of an image, in pixels.
SIZE = 28
# A line fades with vertical distance d from its middle as 1 + log(1 − d / 2.3).
REACH = 2.3
# Half the length of one zigzag along its axis, and its distance to either side of the axis, in pixels.
STRETCH = SWING = 2.0


def dotted_line(x: Float64Array, random: np.random.Generator) -> Float64Array:
    """Adds a dotted line from the left edge to the right at random heights; every other two columns are empty."""
    heights = random.integers(0, 27, (len(x), 2))
    drawn = np.stack([line((0, left), (27, right)) for left, right in heights.tolist()])
    gaps = np.arange(SIZE) // 2 % 2 == 0
    drawn[:, :, gaps] = 0
    return x + drawn


def zigzag(x: Float64Array, random: np.random.Generator) -> Float64Array:
    """Adds a zigzag from column 2 to column 25 that rises or falls by at most 5 rows."""
    starts = random.integers(0, 27, len(x))
    climbs = random.integers(-5, 5, len(x))
    drawn = [zigzag_from(start, climb) for start, climb in zip(starts.tolist(), climbs.tolist(), strict=True)]
    return np.clip(x + np.stack(drawn), 0, 1)


def zigzag_from(start: int, climb: int) -> Float64Array:
    """Returns one zigzag [28, 28], 0 or more; values add up where strokes meet."""
    points = corners(start, climb)
    return np.asarray(sum(line(*ends) for ends in pairwise(points)))


def corners(start: int, climb: int) -> list[Point]:
    """Returns the corners of a zigzag: they are computed along a horizontal axis, then rotated to its direction."""
    width = 25 - 2
    angle = np.arctan2(climb, width)
    length = width / np.cos(angle)
    turns = int((length - STRETCH) // (2 * STRETCH)) + 1
    flat = [(0.0, 0.0), *(((2 * turn + 1) * STRETCH, (-1) ** turn * SWING) for turn in range(turns))]
    whole = 2 * STRETCH * (length // (2 * STRETCH))
    if length != whole:
        flat.append((length, flat[-1][1] / (2 * (length - whole))))
    cosine, sine = np.cos(angle), np.sin(angle)
    return [(2 + cosine * along - sine * across, start + sine * along + cosine * across) for along, across in flat]


def line(first: Point, last: Point) -> Float64Array:
    """Returns one stroke [28, 28], 0 to 1, between two points; it covers only the columns between them."""
    (left, top), (right, bottom) = first, last
    if left == right:
        return np.zeros((SIZE, SIZE))
    rows, columns = np.mgrid[:SIZE, :SIZE]
    distance = np.abs(rows - (top + (bottom - top) / (right - left) * (columns - left)))
    stroke = np.clip(1 + np.log1p(-np.minimum(distance, REACH - 1e-10) / REACH), 0, 1)
    stroke[:, : int(np.floor(left))] = 0
    stroke[:, int(np.ceil(right)) :] = 0
    return np.asarray(stroke)
