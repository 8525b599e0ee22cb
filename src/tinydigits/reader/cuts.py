"""Proposes cuts through a mark where two digits may touch: the cheapest paths from its top to its bottom.

A cut is cheap if it crosses little ink. It need not be straight: a path may bend round strokes, so digits that lean
over each other are told apart. Only proposals are made here. Which of them hold is decided by the best path through
all candidates, see `path`.

This is the heuristic over-segmentation of Matan et al. 1992 and LeCun et al. 1998, with seams (Avidan and Shamir 2007)
instead of straight lines.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinydigits.arrays import Float64Array, Int64Array, Mask

# Marks narrower than this share of the row's height hold one digit.
NARROWEST = 0.4
# A path stays within this distance of the column where it starts, in row heights.
REACH = 0.14
# Distance between the columns that are tried, in row heights.
STEP = 0.025
# No cut is nearer to the ends of a mark than this, in row heights.
MARGIN = 0.08
# Price of a step through paper, relative to one through ink.
PAPER = 0.03
# Price, per pixel and row, of being away from the middle column.
AWAY = 0.004
# Price of a step to the side, relative to the pixel entered.
SIDEWAYS = 0.4


@dataclass(frozen=True)
class CutRule:
    """Which of all paths are proposed.

    Attributes:
        dearest: the most that a cut may cost, in row heights of ink.
        apart: the least mean distance between two cuts, in row heights.
        valley: the most that a cut may cost, as a share of the dearest paths on both sides of it; 1 to not ask.
    """

    dearest: float
    apart: float
    valley: float


# Where the outline has a valley between two hills, loops or whole columns counted as full: between two digits whose
# strokes overlap.
OUTLINE = CutRule(dearest=0.8, apart=0.08, valley=0.85)
# Where little ink is crossed.
THIN = CutRule(dearest=0.38, apart=0.13, valley=1.0)
# A loop counts as full if it is open by less than about twice this, in row heights: thin pens leave gaps.
GAP = 0.05
# Hills are looked for within this distance, in row heights.
HILLS = 0.3


def cuts_of(mask: Mask, tall: float) -> list[Int64Array]:
    """Returns the cuts proposed for one mark.

    Args:
        mask: bool [height, width], the mark's ink.
        tall: the row's height, in pixels.

    Returns:
        For each cut, the first column right of it in every row: int [height]. None crosses another often.
    """
    margin = max(1, round(MARGIN * tall))
    starts = np.arange(margin, mask.shape[1] - margin, max(1, round(STEP * tall)))
    if mask.shape[1] < NARROWEST * tall or len(starts) == 0:
        return []
    chosen: list[Int64Array] = []
    reach = round(REACH * tall)
    as_it_is = cheapest_paths(mask, starts, reach)
    for ink in (loops_full(mask, round(GAP * tall)), columns_full(mask)):
        found = as_it_is if np.array_equal(ink, mask) else cheapest_paths(ink, starts, reach)
        add_cheapest(chosen, *found, starts, OUTLINE, tall)
    add_cheapest(chosen, *as_it_is, starts, THIN, tall)
    return chosen


def loops_full(mask: Mask, gap: int) -> Mask:
    """Returns a mask with its loops full, and those that are open by up to about two gaps, in pixels."""
    wide = ndimage.binary_dilation(np.pad(mask, gap + 1), iterations=gap + 1)
    full = ndimage.binary_erosion(ndimage.binary_fill_holes(wide), iterations=gap + 1)
    return np.asarray(full[gap + 1 : -gap - 1, gap + 1 : -gap - 1] | mask)


def columns_full(mask: Mask) -> Mask:
    """Returns a mask in which each column is full from its highest to its lowest ink: open zeros become hills too."""
    above, below = np.logical_or.accumulate(mask, axis=0), np.logical_or.accumulate(mask[::-1], axis=0)[::-1]
    return np.asarray(above & below)


def add_cheapest(
    chosen: list[Int64Array], prices: Float64Array, paths: Int64Array, starts: Int64Array, rule: CutRule, tall: float
) -> None:
    """Adds the paths that are the cheapest of their surroundings to `chosen`, the cheapest first."""
    prices, places = prices / tall, starts / tall
    for index in np.argsort(prices, kind="stable").tolist():
        if prices[index] > rule.dearest:
            return
        near = np.abs(places - places[index])
        if prices[index] > prices[near <= rule.apart / 2].min() + 1e-9:
            continue
        if rule.valley < 1 and prices[index] > rule.valley * lower_hill(prices, places, index):
            continue
        if all(np.abs(paths[index] - other).mean() > rule.apart * tall for other in chosen):
            chosen.append(paths[index])


def lower_hill(prices: Float64Array, places: Float64Array, index: int) -> float:
    """Returns the lower of the two hills of prices to the left and to the right of a path."""
    left = prices[(places <= places[index]) & (places > places[index] - HILLS)]
    right = prices[(places >= places[index]) & (places < places[index] + HILLS)]
    return float(min(left.max(), right.max()))


def cheapest_paths(mask: Mask, starts: Int64Array, reach: int) -> tuple[Float64Array, Int64Array]:
    """Finds, for each start column, the cheapest path from top to bottom within `reach` columns of it.

    Returns:
        The prices, about the ink crossed in pixels: float64 [n], and the columns: int [n, height].
    """
    offsets = np.arange(-reach, reach + 1)
    away = AWAY * np.abs(offsets)
    padded = np.pad(np.where(mask, 1.0, PAPER), ((0, 0), (reach, reach)), constant_values=PAPER)
    windows = starts[:, None] + reach + offsets
    total = np.full((len(starts), len(offsets) + 2), np.inf)  # no path leaves the reach, on either side
    straight, left, right = total[:, 1:-1], total[:, :-2], total[:, 2:]
    straight[:] = padded[0][windows] + away
    came_from = np.zeros((len(mask), len(starts), len(offsets)), np.int8)
    for row in range(1, len(mask)):
        price = padded[row][windows] + away
        aslant = np.minimum(left, right) + SIDEWAYS * price
        came_from[row] = np.where(aslant < straight, np.where(left <= right, -1, 1), 0)
        straight[:] = np.minimum(straight, aslant) + price
    return straight.min(axis=1), traced(came_from, straight.argmin(axis=1), starts - reach)


def traced(came_from: NDArray[np.int8], ends: Int64Array, first: Int64Array) -> Int64Array:
    """Follows each path back from its end: int [n, height]."""
    paths = np.empty((len(ends), len(came_from)), np.int64)
    at, every = ends, np.arange(len(ends))
    for row in range(len(came_from) - 1, -1, -1):
        paths[:, row] = first + at
        at = at + came_from[row, every, at]
    return paths
