"""Digits as a coarse pen records them: the path of a skeleton, and a few straight lines along it.

Tablets and touch screens that record few points draw such digits, and so do data sets that keep eight points of each.
"""

import numpy as np

from lessons.shapes import Lines
from tinydigits.arrays import Float64Array, Int64Array, Mask

# A path that is shorter than this, in pixels, is dirt of thinning.
SHORTEST = 4
# The direction of a path is that of its last so many pixels.
REMEMBERED = 5
# Share of drawings in which the way to the next line is drawn, too.
JOINED = 0.25
# Share of drawings that are as wide as high, as in UCI's digits of a pen; not those narrower than this.
SQUARE, NARROW = 0.25, 0.4
# How many points a digit has, from the least to one more than the most.
POINTS = (7, 15)


def coarse_lines(bones: Mask, rng: np.random.Generator) -> Lines:
    """Returns the paths of a skeleton through a few points each, in heights of the skeleton.

    Args:
        bones: the pixels of the skeleton, bool [height, width], some of which are set.
    """
    paths = paths_of(bones)
    if rng.random() < JOINED:
        paths = [np.concatenate(paths)]
    lengths = np.array([length_of(path) for path in paths])
    count = int(rng.integers(*POINTS))
    kept = [max(2, round(count * length / lengths.sum())) for length in lengths]
    high, wide = np.maximum(np.ptp(np.concatenate(paths), axis=0), 1)
    stretch = high / wide if wide > NARROW * high and rng.random() < SQUARE else 1.0
    return [some_points(path, points) * (1, stretch) / high for path, points in zip(paths, kept, strict=True)]


def paths_of(bones: Mask) -> list[Int64Array]:
    """Returns paths through all pixels of a skeleton, as a pen may have gone: int64 [n, 2] of (row, column) each."""
    left = {(int(row), int(column)) for row, column in np.argwhere(bones)}
    everywhere = frozenset(left)
    found: list[Int64Array] = []
    while left:
        path = [first_of(left)]
        left.discard(path[0])
        while (following := next_pixel(path, left)) is not None:
            path.append(following)
            left.discard(following)
        path = [*touched(path[0], everywhere, path), *path, *touched(path[-1], everywhere, path)]
        found.append(np.array(path))
    long_enough = [path for path in found if len(path) >= SHORTEST]
    return long_enough or [max(found, key=len)]


def first_of(left: set[tuple[int, int]]) -> tuple[int, int]:
    """Returns the end of a line that is highest; without any end, the highest pixel."""
    ends = [pixel for pixel in left if len(neighbours(pixel, left)) <= 1]
    return min(ends or left)


def next_pixel(path: list[tuple[int, int]], left: set[tuple[int, int]]) -> tuple[int, int] | None:
    """Returns the neighbour of a path's end that lies straightest ahead; None if there is none."""
    (row, column), (before_row, before_column) = path[-1], path[max(0, len(path) - REMEMBERED)]
    ahead = row - before_row, column - before_column

    def straightness(pixel: tuple[int, int]) -> float:
        step = pixel[0] - row, pixel[1] - column
        return float((step[0] * ahead[0] + step[1] * ahead[1]) / np.hypot(*step))

    return max(sorted(neighbours(path[-1], left)), key=straightness, default=None)


def neighbours(pixel: tuple[int, int], of: set[tuple[int, int]] | frozenset[tuple[int, int]]) -> list[tuple[int, int]]:
    row, column = pixel
    around = [(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]
    return [each for each in around if each in of]


def touched(
    end: tuple[int, int], everywhere: frozenset[tuple[int, int]], path: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Returns the pixel of another path, or of the far end of this one, that the end of a path touches."""
    near = path[:REMEMBERED] if end == path[0] else path[-REMEMBERED:]
    own = set(path if len(path) < 2 * REMEMBERED else near)
    return [pixel for pixel in neighbours(end, everywhere) if pixel not in own][:1]


def length_of(path: Int64Array) -> float:
    return float(np.hypot(*np.diff(path, axis=0).T).sum())


def some_points(path: Int64Array, count: int) -> Float64Array:
    """Returns `count` points along a path, evenly apart; float [count, 2]."""
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))))
    wanted = np.linspace(0, along[-1], count)
    return np.stack([np.interp(wanted, along, path[:, axis]) for axis in (0, 1)], axis=1)
