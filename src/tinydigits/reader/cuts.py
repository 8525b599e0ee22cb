"""Proposes cuts through a mark where two digits may touch: the cheapest paths from its top to its bottom.

A cut is cheap if it crosses little ink. It need not be straight: a path may bend round strokes, so digits that lean
over each other are told apart. Only proposals are made here. Which of them hold is decided by the best path through
all candidates, see `path`.

This is the heuristic over-segmentation of Matan et al. 1992 and LeCun et al. 1998, with seams (Avidan and Shamir 2007)
instead of straight lines.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
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


@dataclass(frozen=True, eq=False)
class Paths:
    """The cheapest path from each start, in each ink.

    Attributes:
        prices: float64 [inks, n], about the ink crossed, in pixels.
        ends: int [inks, n], the offset, from the first column of its reach, at which each path ends.
        starts: int [n], the columns where the paths start.
        aslant: bool [height, offsets, inks, n], whether a path comes from the side.
        turned: bool [height, offsets, inks, n], whether that side is the right one.
    """

    prices: Float64Array
    ends: Int64Array
    starts: Int64Array
    aslant: Mask
    turned: Mask

    def columns(self, ink: int, index: int) -> Int64Array:
        """Follows a path back from its end: its columns, int [height]."""
        height, offsets = self.aslant.shape[:2]
        aslant, turned = self.aslant[..., ink, index].tolist(), self.turned[..., ink, index].tolist()
        columns, at = np.empty(height, np.int64), int(self.ends[ink, index])
        first = int(self.starts[index]) - offsets // 2
        for row in range(height - 1, -1, -1):
            columns[row] = first + at
            if aslant[row][at]:
                at += 1 if turned[row][at] else -1
        return columns


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
    inks = np.stack((mask, loops_full(mask, round(GAP * tall)), columns_full(mask)))
    found = cheapest_paths(inks, starts, round(REACH * tall))
    for ink, rule in ((1, OUTLINE), (2, OUTLINE), (0, THIN)):
        add_cheapest(chosen, found, ink, rule, tall)
    return chosen


def loops_full(mask: Mask, gap: int) -> Mask:
    """Returns a mask with its loops full, and those that are open by up to about two gaps, in pixels."""
    wide = ndimage.binary_dilation(np.pad(mask, gap + 1), iterations=gap + 1)
    full = ndimage.binary_erosion(holes_full(wide), iterations=gap + 1)
    return np.asarray(full[gap + 1 : -gap - 1, gap + 1 : -gap - 1] | mask)


def holes_full(mask: Mask) -> Mask:
    """Returns a mask with its holes full, like `ndimage.binary_fill_holes`, which takes ten times as long."""
    outside, _ = ndimage.label(np.pad(~mask, 1, constant_values=True))
    return np.asarray(outside[1:-1, 1:-1] != outside[0, 0])


def columns_full(mask: Mask) -> Mask:
    """Returns a mask in which each column is full from its highest to its lowest ink: open zeros become hills too."""
    above, below = np.logical_or.accumulate(mask, axis=0), np.logical_or.accumulate(mask[::-1], axis=0)[::-1]
    return np.asarray(above & below)


def add_cheapest(chosen: list[Int64Array], found: Paths, ink: int, rule: CutRule, tall: float) -> None:
    """Adds the paths that are the cheapest of their surroundings to `chosen`, the cheapest first."""
    prices, places = found.prices[ink] / tall, found.starts / tall
    near = np.abs(places[:, None] - places) <= rule.apart / 2
    lowest = np.where(near, prices, np.inf).min(axis=1)
    (cheap,) = np.nonzero((prices <= rule.dearest) & (prices <= lowest + 1e-9))
    for index in cheap[np.argsort(prices[cheap], kind="stable")].tolist():
        if rule.valley < 1 and prices[index] > rule.valley * lower_hill(prices, places, index):
            continue
        path = found.columns(ink, index)
        if all(np.abs(path - other).mean() > rule.apart * tall for other in chosen):
            chosen.append(path)


def lower_hill(prices: Float64Array, places: Float64Array, index: int) -> float:
    """Returns the lower of the two hills of prices to the left and to the right of a path."""
    left = prices[(places <= places[index]) & (places > places[index] - HILLS)]
    right = prices[(places >= places[index]) & (places < places[index] + HILLS)]
    return float(min(left.max(), right.max()))


def cheapest_paths(inks: Mask, starts: Int64Array, reach: int) -> Paths:
    """Finds, for each start column, the cheapest path from top to bottom within `reach` columns of it.

    Args:
        inks: bool [inks, height, width]; each has paths of its own.
        starts: int [n], evenly spaced.
    """
    height, offsets = inks.shape[1], np.arange(-reach, reach + 1)
    away = AWAY * np.abs(offsets)[:, None, None]
    padded = np.pad(np.where(inks, 1.0, PAPER), ((0, 0), (0, 0), (reach, reach)), constant_values=PAPER)
    step = int(starts[1] - starts[0]) if len(starts) > 1 else 1
    # Prices of the pixels of one row: [height, offsets, inks, n].
    reached = sliding_window_view(padded, len(offsets), axis=2)[:, :, starts[0] : starts[-1] + 1 : step]
    windows = reached.transpose(1, 3, 0, 2)
    shape = windows.shape[1:]
    total = np.full((len(offsets) + 2, *shape[1:]), np.inf)  # no path leaves the reach, on either side
    straight, left, right = total[1:-1], total[:-2], total[2:]
    np.add(windows[0], away, out=straight)
    aslant, turned = np.zeros((2, height, *shape), np.bool_)
    price, sideways, best = np.empty((3, *shape))
    for row in range(1, height):
        np.add(windows[row], away, out=price)
        np.multiply(price, SIDEWAYS, out=sideways)
        np.minimum(left, right, out=best)
        np.add(best, sideways, out=best)
        np.less(best, straight, out=aslant[row])
        np.greater(left, right, out=turned[row])
        np.minimum(best, straight, out=best)
        np.add(best, price, out=straight)
    return Paths(straight.min(axis=0), straight.argmin(axis=0), starts, aslant, turned)
