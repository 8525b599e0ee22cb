"""Lines that are part of the paper: frames of cells, ruled and squared paper.

A line is told from a stroke by its length alone, so all of this works on a mask of ink, bool [height, width], whose
lines run along its rows and columns.
"""

import numpy as np
from scipy import ndimage

from tinydigits.arrays import Mask

# The outer share of each side in which the frame of a cell is looked for,
FRAME_ZONE = 0.25
# how far such a line may wander, as a share of the side,
FRAME_BAND = 0.05
# and how much of the side it covers at least: a digit's bar seldom reaches from edge to edge.
FRAME_COVER = 0.9
# A ruling goes on for at least this share of the picture, for no row of digits is one stroke,
RULING_LENGTH = 0.3
# and of its longer side, for a strip is hardly higher than the digits in it.
RULING_LENGTH_OF_LONGER = 0.2
# It is looked for in windows of this share, in which it drifts by a few pixels, for no picture is quite level,
RULING_WINDOW = 0.05
DRIFT = 2
# and covers this much of each, with gaps where light or print is faint.
RULING_COVER = 0.85
# A ruling is at most this many pixels thick.
RULING_THICKNESS = 7
# Of neighbouring columns, one in so many is looked at.
STEP = 4


def without_frame(mask: Mask) -> Mask:
    """The mask, with all beyond a line along any of the four sides removed, and the line itself."""
    kept = mask.copy()
    depths = [frame_depth(np.rot90(mask, turns)) for turns in range(4)]
    for turns, depth in enumerate(depths):
        np.rot90(kept, turns)[:depth] = False  # a view: what is cleared in it is cleared in `kept`
    return kept


def frame_depth(mask: Mask) -> int:
    """How many rows, from the top, a line along the top takes; 0 where there is none."""
    height = len(mask)
    zone = mask[: max(1, int(height * FRAME_ZONE))]
    band = max(1, round(height * FRAME_BAND))
    cover = ndimage.maximum_filter1d(zone, band, axis=0).mean(axis=1)
    rows = np.flatnonzero(cover >= FRAME_COVER)
    if len(rows) == 0:
        return 0
    # Where the line has ended, its rows hold little more than the strokes that cross it.
    profile = zone[rows[-1] :].mean(axis=1)
    return int(rows[-1] + np.argmax(np.append(profile, 0) < 1 / 3))


def rulings(mask: Mask) -> Mask:
    """The long thin lines along rows and columns, without the strokes that cross them; none in a mere strip."""
    if min(mask.shape) <= RULING_THICKNESS:
        return np.zeros_like(mask)
    return horizontal_rulings(mask) | horizontal_rulings(mask.T).T


def horizontal_rulings(mask: Mask) -> Mask:
    lines = long_runs(mask)
    if not lines.any():
        return lines
    lines &= mask
    thickness = min(RULING_THICKNESS, round(lines.sum() / max(1, lines.any(axis=0).sum() * line_count(lines))) + 2)
    tall = ndimage.binary_opening(mask, np.ones((thickness + 1, 1)))
    return np.asarray(lines & ~tall)


def line_count(lines: Mask) -> float:
    """How many lines a column crosses, on average of those that cross any."""
    starts = (lines[1:] & ~lines[:-1]).sum(axis=0)
    return max(1.0, float(starts[starts > 0].mean())) if starts.any() else 1.0


def long_runs(mask: Mask) -> Mask:
    """Where ink goes on along the rows for `RULING_LENGTH` of the picture, drifting up or down on its way."""
    width = mask.shape[1] // STEP * STEP
    columns = np.logical_or.reduce([mask[:, start:width:STEP] for start in range(STEP)])
    length = max(4, int(columns.shape[1] * RULING_WINDOW))
    wide = ndimage.maximum_filter1d(columns, 2 * DRIFT + 1, axis=0)
    cover = ndimage.uniform_filter1d(wide.astype(np.float32), length, axis=1)
    # Gaps of up to two of these columns are bridged.
    bridged = ndimage.maximum_filter1d(wide, 3, axis=1)
    runs = ndimage.maximum_filter1d(cover >= RULING_COVER, length, axis=1) & bridged
    labels, _ = ndimage.label(runs)
    least = max(RULING_LENGTH * width, RULING_LENGTH_OF_LONGER * max(mask.shape))
    long = [
        label
        for label, box in enumerate(ndimage.find_objects(labels), 1)
        if STEP * (box[1].stop - box[1].start) >= least
    ]
    found = np.repeat(np.isin(labels, long), STEP, axis=1)
    return np.pad(found, ((0, 0), (0, mask.shape[1] - found.shape[1])))
