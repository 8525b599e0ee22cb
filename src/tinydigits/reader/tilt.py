"""How far the rows of a page are from horizontal."""

import numpy as np

from tinydigits.arrays import Float64Array, Int64Array, Mask

# Degrees either way; beyond them a page lies on its side.
LARGEST = 22.0
STEP = 0.5
# A ruling covers at least this share of the page's width,
RULED_SHARE = 0.5
# and fewer marks than this make no row.
FEWEST_MARKS = 4
# Marks are on one row when their centres differ by less than about this share of their height.
ROW_SPREAD = 0.3
# Of two angles that suit the marks alike, the smaller one: what a row gains at 22° it must gain by this much.
PRIOR = 0.1
# More marks than this add time, not precision.
MOST_MARKS = 80


def angles() -> Float64Array:
    return np.arange(-LARGEST, LARGEST + STEP, STEP)


def tilt_of_lines(mask: Mask) -> float | None:
    """The angle of ruled lines, in degrees, positive where they fall to the right; None where there are none.

    A Hough transform over near-horizontal lines: at the right angle, one line gathers most pixels.
    """
    step = max(1, max(mask.shape) // 320)
    rows, columns = np.nonzero(mask[::step, ::step])
    best = max(((strongest_line(rows, columns, angle), angle) for angle in angles()), default=(0, 0.0))
    return float(best[1]) if best[0] > RULED_SHARE * mask.shape[1] / step else None


def strongest_line(rows: Int64Array, columns: Int64Array, angle: float) -> int:
    """How many pixels the fullest line at `angle` holds."""
    if len(rows) == 0:
        return 0
    heights = np.round(rows - columns * np.tan(np.radians(angle))).astype(np.int64)
    return int(np.bincount(heights - heights.min()).max())


def tilt_of_marks(centres: Float64Array, height: float) -> float:
    """The angle, in degrees, at which marks fall into rows; positive where rows fall to the right.

    Args:
        centres: [n, 2] of (y, x).
        height: of a typical mark, in the same units.
    """
    chosen = centres[:: -(-len(centres) // MOST_MARKS)]
    scores = [agreement(chosen, height, angle) * (1 - PRIOR * (angle / LARGEST) ** 2) for angle in angles()]
    return float(angles()[int(np.argmax(scores))])


def agreement(centres: Float64Array, height: float, angle: float) -> float:
    """How many pairs of marks stand on one row at `angle`; a pair counts up to 1."""
    radians = np.radians(angle)
    across = centres[:, 0] * np.cos(radians) - centres[:, 1] * np.sin(radians)
    apart = (across[:, None] - across) / (ROW_SPREAD * height)
    return float(np.exp(-0.5 * apart**2).sum())
