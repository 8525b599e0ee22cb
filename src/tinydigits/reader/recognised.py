"""What a model makes of a layout's marks, and which of them are like the page's digits."""

from dataclasses import dataclass

import numpy as np

from tinydigits.arrays import Float32Array, Float64Array, Int64Array
from tinydigits.reader.layout import Layout
from tinydigits.reader.rows import rows_of
from tinydigits.reader.segment import weighted_median

# Marks of less contrast are no ink: creases and the grain of blank pages have up to about 0.12, a pale pencil has 0.2.
FAINTEST = 0.13
# Marks lower than this share of the digits' usual height are none.
LOWEST = 0.5
# A mark paler than this share of their usual contrast is none
PALE = 0.5
# when it is also lower or higher than these shares of their height, or has more than this score.
LOW, HIGH = 0.75, 1.6
DOUBTFUL = 1.5


@dataclass(frozen=True, eq=False)
class Recognised:
    """What the model makes of a layout's marks.

    Attributes:
        probabilities: float32 [n, 10], calibrated.
        scores: float64 [n], how unlike a digit each is.
        certainty: float64 [n], the largest probability, but 0 for what is no digit.
    """

    probabilities: Float32Array
    scores: Float64Array
    certainty: Float64Array

    def chosen(self, indices: Int64Array) -> "Recognised":
        """Of some of the marks."""
        return Recognised(self.probabilities[indices], self.scores[indices], self.certainty[indices])


def alike(layout: Layout, seen: Recognised) -> tuple[Layout, Recognised]:
    """Without the marks that are unlike the page's digits: grain of a table, specks of dirt, dashes.

    What digits are like on this page is told by the ink that reads as digits with certainty.
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
    """How much ink, in pixels, reads as digits in rows with certainty.

    Ones say nothing, for a bar is one on any side of a page, and rows of one digit little: numbers on their side are
    columns.
    """
    ink = areas_of(layout) * seen.certainty * (seen.probabilities.argmax(axis=1) != 1)
    return sum(float(ink[row].sum()) * (1 - 1 / len(row)) for row in rows_of(layout.marks))


def areas_of(layout: Layout) -> Float64Array:
    return np.array([mark.area for mark in layout.marks], np.float64)
