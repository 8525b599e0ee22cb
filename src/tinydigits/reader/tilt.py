"""Measures the angle between the rows of a page and the horizontal."""

import numpy as np

from tinydigits.arrays import Float64Array, Int64Array, Mask

# Largest angle, in degrees to either side. A page that is tilted further lies on its side.
LARGEST = 22.0
# Distance between the angles that are tried, in degrees.
STEP = 0.5
# A ruling covers at least this share of the page's width.
RULED_SHARE = 0.5
# Lines that hold at least this share of the fullest line's pixels are as good.
ALIKE = 0.98
# Fewer marks than this do not show an angle.
FEWEST_MARKS = 4
# Two marks stand on one row if their centres differ by less than about this share of their height.
ROW_SPREAD = 0.3
# The score of the largest angle is reduced by this share, so that small angles win where scores are similar.
PRIOR = 0.1
# At most this many marks are compared: more cost time and add no precision.
MOST_MARKS = 80


def angles() -> Float64Array:
    """Returns the angles to try, in degrees."""
    return np.arange(-LARGEST, LARGEST + STEP, STEP)


def tilt_of_lines(mask: Mask) -> float | None:
    """Returns the angle of ruled lines, in degrees, positive if they fall to the right; None if there are no lines.

    This is a Hough transform of nearly horizontal lines: at the right angle, one line contains the most pixels. In a
    thick line many angles do; the middle one counts.
    """
    step = max(1, max(mask.shape) // 320)
    rows, columns = np.nonzero(mask[::step, ::step])
    longest = np.array([strongest_line(rows, columns, angle) for angle in angles()])
    if longest.max() <= RULED_SHARE * mask.shape[1] / step:
        return None
    return float(np.median(angles()[longest >= ALIKE * longest.max()]))


def strongest_line(rows: Int64Array, columns: Int64Array, angle: float) -> int:
    """Returns the number of pixels on the fullest line at `angle`."""
    if len(rows) == 0:
        return 0
    heights = np.round(rows - columns * np.tan(np.radians(angle))).astype(np.int64)
    return int(np.bincount(heights - heights.min()).max())


def tilt_of_marks(centres: Float64Array, height: float) -> float:
    """Returns the angle, in degrees, at which the marks form rows best; positive if rows fall to the right.

    Args:
        centres: [n, 2] of (y, x).
        height: the height of a typical mark, in the same units.
    """
    chosen = centres[:: -(-len(centres) // MOST_MARKS)]
    scores = [agreement(chosen, height, angle) * (1 - PRIOR * (angle / LARGEST) ** 2) for angle in angles()]
    return float(angles()[int(np.argmax(scores))])


def agreement(centres: Float64Array, height: float, angle: float) -> float:
    """Returns how many pairs of marks stand on one row at `angle`; a pair counts 0 to 1."""
    radians = np.radians(angle)
    across = centres[:, 0] * np.cos(radians) - centres[:, 1] * np.sin(radians)
    apart = (across[:, None] - across) / (ROW_SPREAD * height)
    return float(np.exp(-0.5 * apart**2).sum())
