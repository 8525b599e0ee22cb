"""The model's answers for the marks of a layout, and which marks are dirt."""

from dataclasses import dataclass

import numpy as np

from tinydigits.arrays import Float32Array, Float64Array, Int64Array
from tinydigits.reader.layout import Layout
from tinydigits.reader.rows import rows_of
from tinydigits.reader.segment import weighted_median

# Smallest contrast of a mark. Creases and grain of blank pages reach about 0.12; a pale pencil has 0.2.
FAINTEST = 0.13
# Smallest height of a digit, as a share of the page's median digit height.
LOWEST = 0.5
# A mark is pale below this share of the median contrast of digits. Pale and doubtful marks are dropped.
PALE = 0.5
# A mark is doubtful if its height is outside these multiples of the median digit height.
LOW, HIGH = 0.75, 1.6
# A mark is doubtful if its not-a-digit score is above this. A typical digit has 1.
DOUBTFUL = 1.5


@dataclass(frozen=True, eq=False)
class Recognised:
    """The model's answers for the marks of a layout.

    Attributes:
        probabilities: float32 [n, 10], calibrated.
        scores: float64 [n], how unlike a digit each mark is.
        certainty: float64 [n], the largest probability, but 0 for marks that the score rejects.
    """

    probabilities: Float32Array
    scores: Float64Array
    certainty: Float64Array

    def chosen(self, indices: Int64Array) -> "Recognised":
        """Returns the answers for some of the marks."""
        return Recognised(self.probabilities[indices], self.scores[indices], self.certainty[indices])


def without_dirt(layout: Layout, seen: Recognised) -> tuple[Layout, Recognised]:
    """Removes marks whose height or contrast differs from the page's digits: grain of a table, specks, dashes.

    The marks that the model reads with certainty show the height and contrast of the page's digits.
    """
    inked = np.flatnonzero(layout.strengths >= FAINTEST)
    layout, seen = layout.chosen(inked), seen.chosen(inked)
    ink = areas_of(layout) * seen.certainty
    if not ink.any():
        return layout, seen
    heights = np.array([mark.height for mark in layout.marks], np.float64)
    heights /= weighted_median(heights, ink)
    pale = layout.strengths < PALE * weighted_median(layout.strengths, ink)
    doubtful = (heights < LOW) | (heights > HIGH) | (seen.scores > DOUBTFUL)
    kept = np.flatnonzero((heights >= LOWEST) & ~(pale & doubtful))
    return layout.chosen(kept), seen.chosen(kept)


def evidence(layout: Layout, seen: Recognised) -> float:
    """Returns how much ink, in pixels, the model reads as digits that stand in rows.

    It shows whether the page is upright. Ones count nothing, because a bar reads as 1 in any orientation. Rows of one
    digit count nothing, because a number that lies on its side is a column.
    """
    ink = areas_of(layout) * seen.certainty * (seen.probabilities.argmax(axis=1) != 1)
    return sum(float(ink[row].sum()) * (1 - 1 / len(row)) for row in rows_of(layout.marks))


def areas_of(layout: Layout) -> Float64Array:
    """Returns the ink of each mark, in pixels: [n]."""
    return np.array([mark.area for mark in layout.marks], np.float64)
