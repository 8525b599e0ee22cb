"""Judges whether a reading is of digits at all: letters and scribbles can be cut into pieces that look like digits."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinydigits.arrays import Float64Array, Int64Array
from tinydigits.reader.explanation import Explanation
from tinydigits.reader.recogniser import NO_DIGIT

# Log-odds of a digit against no digit count within these limits: beyond, a net is as sure as it can be.
ODDS = (-2.0, 6.0)
# Ones alone are a crease of the paper below this contrast: creases reach about 0.16, a pencil has 0.2.
CREASE = 0.18
# Ones alone below this contrast are a crease, too, if one of them runs across the picture. Creases that were read as
# ones had up to 0.43.
PALE = 0.45
# What runs across has at least this share of the sheet's height, and at most this share of its width.
ACROSS, NARROW = 0.9, 0.6
# A digit that is not cut from other ink and has at least this probability is sure.
SURE = 0.97


@dataclass(frozen=True)
class Weights:
    """A logistic regression: how much each measure adds to the log-odds that a picture shows digits.

    Fitted by `tools/judgement.py`, with the fonts of $LESSON_FONTS, to made-up rows that the net `reader` read right
    and made-up writing without a digit. They are the means of three fits, weighted by the number of their rows:
    `--pictures 500 --seed 700`, and `--pictures 700` with the seeds 800 and 801. `docs/reading.md` tells what they
    refuse.

    Attributes:
        odds: for the mean log-odds of a digit against no digit.
        unread: for the share of the ink that no digit explains.
        sure: if one digit is sure.
        bars: for the share of digits that are ones cut out of other ink, as out of an H.
        base: without any of these.
        least: readings below these log-odds are refused. It is far below 0, because pictures of digits are common.
    """

    odds: float = 1.551
    unread: float = -7.789
    sure: float = 1.27
    bars: float = -3.604
    base: float = -3.657
    least: float = -1.5


@dataclass(frozen=True)
class Seen:
    """What the judgement looks at in one digit."""

    digit: int
    logarithm: float
    odds: float
    cut: bool

    @property
    def is_sure(self) -> bool:
        return not self.cut and self.logarithm >= np.log(SURE)


def margin(explanation: Explanation, weights: Weights) -> float:
    """Returns how far the log-odds of digits lie above the least; a reading below 0 is refused."""
    each = (weights.odds, weights.unread, weights.sure, weights.bars)
    return float(measures(explanation) @ each) + weights.base - weights.least


def is_crease(explanation: Explanation) -> bool:
    """Returns whether all that is read are faint bars, or pale ones of which one runs across the picture."""
    if not explanation.only_ones:
        return False
    chosen = [(row.lattice, index) for row in explanation.rows for index in row.path.chosen]
    strongest = max((float(lattice.strengths[index]) for lattice, index in chosen), default=0.0)
    across = (runs_across(lattice.boxes[index], explanation.sheet.ink.shape) for lattice, index in chosen)
    return strongest < CREASE or (strongest < PALE and any(across))


def runs_across(box: Int64Array, shape: tuple[int, ...]) -> bool:
    """Returns whether a box, (top, left, bottom, right), reaches across a sheet of this shape from top to bottom."""
    top, left, bottom, right = box.tolist()
    return bool(bottom - top >= ACROSS * shape[0] and right - left <= NARROW * shape[1])


def measures(explanation: Explanation) -> Float64Array:
    """Returns the four measures, in the order of `Weights`; zeros if no digit is read."""
    digits = list(seen(explanation))
    if not digits:
        return np.zeros(4)
    odds = np.clip([digit.odds for digit in digits], *ODDS).mean()
    bars = np.mean([digit.cut and digit.digit == 1 for digit in digits])
    return np.array((odds, unread_share(explanation), any(digit.is_sure for digit in digits), bars))


def seen(explanation: Explanation) -> Iterator[Seen]:
    """Yields the digits that were chosen."""
    for row in explanation.rows:
        for index in row.path.chosen:
            logarithms = row.logarithms[index]
            digit = int(logarithms[:NO_DIGIT].argmax())
            best = float(logarithms[digit])
            yield Seen(digit, best, best - float(logarithms[NO_DIGIT]), bool(row.lattice.cut_ends[index]))


def unread_share(explanation: Explanation) -> float:
    """Returns the share of the length of all ink in rows that no digit explains."""
    total = sum(float(row.lattice.lengths.sum()) for row in explanation.rows)
    return sum(row.unread() for row in explanation.rows) / total if total > 0 else 0.0
