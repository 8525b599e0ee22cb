"""Lines that are part of the paper: frames of cells, ruled and squared paper.

A line is told from a stroke by its length alone, so all of this works on a mask of ink, bool [height, width], whose
lines run along its rows and columns.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]

# The outer share of each side in which the frame of a cell is looked for,
FRAME_ZONE = 0.25
# how far such a line may wander, as a share of the side,
FRAME_BAND = 0.05
# and how much of the side it covers at least: a digit's bar seldom reaches from edge to edge.
FRAME_COVER = 0.9
# A ruling is at least this share of the picture long; the longest stroke in a row of digits is shorter.
RULING_LENGTH = 0.25
# How much of its length a ruling covers at least, with gaps where light or print is faint.
RULING_COVER = 0.85
# A ruling is at most this many pixels thick.
RULING_THICKNESS = 7


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


def without_rulings(mask: Mask) -> Mask:
    """The mask without long thin lines along its rows and columns; strokes that cross them stay whole."""
    return without_horizontal(without_horizontal(mask).T).T


def without_horizontal(mask: Mask) -> Mask:
    length = max(2 * RULING_THICKNESS, int(mask.shape[1] * RULING_LENGTH))
    # Most pages have no rulings: a quick look at whole rows tells.
    if ndimage.maximum_filter1d(mask[:, ::4], 3, axis=0).mean(axis=1).max() < RULING_LENGTH * RULING_COVER:
        return mask
    cover = ndimage.uniform_filter1d(mask.astype(np.float32), length, axis=1)
    line = ndimage.maximum_filter1d(cover >= RULING_COVER, length, axis=1) & mask
    tall = ndimage.binary_opening(mask, np.ones((RULING_THICKNESS + 1, 1)))
    return np.asarray(mask & ~(line & ~tall))
