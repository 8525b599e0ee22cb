"""Finds lines that are part of the paper: frames of cells, ruled and squared paper.

Only its length tells a line from a stroke. So all functions take a mask of ink, bool [height, width], in which lines
run along rows and columns.
"""

import numpy as np
from scipy import ndimage

from tinydigits.arrays import Mask
from tinydigits.reader.segment import EIGHT_NEIGHBOURS
from tinydigits.reader.shade import windows

# A frame is looked for within this share of a cell's shorter side. A share of the longer one would contain the whole
# last digit of a long strip.
FRAME_ZONE = 0.25
# A line of a frame may deviate from straight by this share of the shorter side.
FRAME_BAND = 0.05
# A line of a frame covers at least this share of the side. A bar of a digit seldom does.
FRAME_COVER = 0.9
# Smallest length of a ruling, as a share of the picture along its direction. No digit has such a long stroke.
RULING_LENGTH = 0.3
# Smallest length of a ruling, as a share of the picture's longer side. In a narrow strip, digits fill the shorter one.
RULING_LENGTH_OF_LONGER = 0.2
# Rulings are looked for in windows of this share of the width.
RULING_WINDOW = 0.05
# A ruling may rise or fall by this many pixels within a window, because no picture is exactly level.
DRIFT = 2
# A ruling covers at least this share of each window. The rest may be gaps, where light or print is faint.
RULING_COVER = 0.85
# Largest thickness of a ruling, in pixels.
RULING_THICKNESS = 7
# At least this share of a ruling's pixels is thin: no stroke crosses there. In two photos of squared paper it is 0.33
# or more. In a pen's straight stroke it is 0.03, because most of the stroke is thicker than a ruling.
LEAST_THIN = 0.2
# This many neighbouring columns are merged into one before rulings are searched.
STEP = 4


def without_frame(mask: Mask) -> Mask:
    """Returns the mask without the frame: each line along a side, and all ink outside it, are removed."""
    kept = mask.copy()
    for turns, depth in enumerate(frame_depths(mask)):
        np.rot90(kept, turns)[:depth] = False  # rot90 returns a view, so this clears pixels of `kept`
    return kept


def has_corner(mask: Mask) -> bool:
    """Returns whether two sides that meet both have a line of a frame: no digit has such bars."""
    depths = frame_depths(mask)
    return any(depths[side] and depths[side - 1] for side in range(4))


def frame_depths(mask: Mask) -> list[int]:
    """Returns how many rows or columns the frame takes of the mask, and then of it turned by 90°, 180° and 270°."""
    shorter = min(mask.shape)
    depths = [frame_depth(np.rot90(mask, turns), shorter) for turns in range(4)]
    if any(depths):
        # A line may end at another line of the frame, and go on to the side no more.
        for side in range(4):
            left, right = depths[side - 1], depths[side - 3]
            turned = np.rot90(mask, side)
            depths[side] = depths[side] or frame_depth(turned[:, left : turned.shape[1] - right], shorter)
    return depths


def frame_depth(mask: Mask, shorter: int) -> int:
    """Returns how many rows, from the top, a line along the top and all outside it take; 0 if there is none.

    Args:
        shorter: the cell's shorter side, in pixels.
    """
    zone = mask[: max(1, int(shorter * FRAME_ZONE))]
    band = max(1, round(shorter * FRAME_BAND))
    cover = ndimage.maximum_filter1d(zone, band, axis=0).mean(axis=1)
    rows = np.flatnonzero(cover >= FRAME_COVER)
    if len(rows) == 0:
        return 0
    # The line ends where a row contains little more than the strokes that cross it.
    profile = zone[rows[-1] :].mean(axis=1)
    return int(rows[-1] + np.argmax(np.append(profile, 0) < 1 / 3))


def rulings(mask: Mask) -> Mask:
    """Returns the long thin lines along rows and columns, without strokes that cross them.

    A picture that is no thicker than a ruling has none.
    """
    if min(mask.shape) <= RULING_THICKNESS:
        return np.zeros_like(mask)
    return horizontal_rulings(mask) | horizontal_rulings(mask.T).T


def horizontal_rulings(mask: Mask) -> Mask:
    """Returns the rulings along the rows."""
    lines = long_runs(mask)
    if not lines.any():
        return lines
    lines &= mask
    thickness = min(RULING_THICKNESS, round(lines.sum() / max(1, lines.any(axis=0).sum() * line_count(lines))) + 2)
    tall = ndimage.binary_opening(mask, np.ones((thickness + 1, 1)))
    return without_strokes(lines, lines & ~tall)


def without_strokes(lines: Mask, thin: Mask) -> Mask:
    """Returns the thin ink of each connected line of which enough is thin; the other lines are strokes of a pen."""
    labels, count = ndimage.label(lines, EIGHT_NEIGHBOURS)
    whole, left = (np.bincount(labels[part], minlength=count + 1) for part in (lines, thin))
    return np.asarray(thin & (left >= LEAST_THIN * whole)[labels])


def line_count(lines: Mask) -> float:
    """Returns how many lines a column crosses, on average over the columns that cross at least one."""
    starts = (lines[1:] & ~lines[:-1]).sum(axis=0)
    return max(1.0, float(starts[starts > 0].mean())) if starts.any() else 1.0


def long_runs(mask: Mask) -> Mask:
    """Returns where ink continues along the rows for the length of a ruling; it may drift up or down."""
    width = mask.shape[1] // STEP * STEP
    columns = np.logical_or.reduce([mask[:, start:width:STEP] for start in range(STEP)])
    length = max(4, int(columns.shape[1] * RULING_WINDOW))
    wide = windows(columns, 2 * DRIFT + 1, np.logical_or)
    cover = ndimage.uniform_filter1d(wide.astype(np.float32), length, axis=1)
    # Close gaps of up to two merged columns.
    bridged = windows(wide.T, 3, np.logical_or).T
    runs = windows((cover >= RULING_COVER).T, length, np.logical_or).T & bridged
    if not runs.any():
        return np.zeros_like(mask)
    labels, _ = ndimage.label(runs)
    least = max(RULING_LENGTH * width, RULING_LENGTH_OF_LONGER * max(mask.shape))
    long = [
        label
        for label, box in enumerate(ndimage.find_objects(labels), 1)
        if STEP * (box[1].stop - box[1].start) >= least
    ]
    found = np.repeat(np.isin(labels, long), STEP, axis=1)
    return np.pad(found, ((0, 0), (0, mask.shape[1] - found.shape[1])))
