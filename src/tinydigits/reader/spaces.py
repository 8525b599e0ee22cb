"""How wide a gap between two digits must be to be a space between two numbers.

The gaps of a page are of two kinds, within numbers and between them. Each kind is taken for a normal distribution, and
both are fitted to the page at once by expectation and maximisation (Dempster, Laird and Rubin 1977). What is known of
other pages counts as some gaps more, so that a page of few gaps is read by it, and one of many by its own.
"""

from dataclasses import dataclass

import numpy as np

from tinydigits.arrays import Float64Array

ROUNDS = 30
# Where the kinds become equally likely is looked for at so many places between their means.
PLACES = 200
# A space is so many times as wide as the narrowest gap: digits that are all as far apart are one number.
WIDER = 1.4
# Log-odds of what is beyond doubt.
SURELY = 50.0


@dataclass(frozen=True)
class Usual:
    """Gaps of other pages, in heights of a digit; within numbers first, between numbers second.

    Fitted on photos and pages that our generator drew (LOG.md).

    Attributes:
        means, deviations: of both kinds.
        weight: the means of other pages count as so many gaps of each kind, …
        deviation_weight: their deviations as so many, …
        spaces, spaces_weight: and their share of spaces as so many.
        apart: the means differ by at least this.
    """

    means: tuple[float, float] = (0.2, 1.0)
    deviations: tuple[float, float] = (0.23, 0.31)
    weight: float = 1.0
    deviation_weight: float = 18.0
    spaces: float = 0.26
    spaces_weight: float = 9.0
    apart: float = 0.25


@dataclass(frozen=True)
class Kinds:
    """The two kinds of gaps of one page; `spaces` is the share of those between numbers."""

    means: Float64Array
    deviations: Float64Array
    spaces: float

    def odds(self, gaps: Float64Array) -> Float64Array:
        """Returns the log-odds that gaps are spaces. Beyond a mean a gap is surely of its kind, however wide the other.

        Shape [n].
        """
        logarithms = -0.5 * ((gaps[:, None] - self.means) / self.deviations) ** 2 - np.log(self.deviations)
        odds = logarithms[:, 1] - logarithms[:, 0] + np.log(self.spaces) - np.log1p(-self.spaces)
        odds = np.where(gaps < self.means[0], -SURELY, np.where(gaps > self.means[1], SURELY, odds))
        return np.clip(odds, -SURELY, SURELY)


def least_space(gaps: Float64Array, usual: Usual | None = None) -> float:
    """Returns the width from which a gap is a space.

    Args:
        gaps: of the whole page, float [n], in heights of a digit; below 0 where digits overlap.
    """
    kinds = kinds_of(gaps, usual or Usual())
    places = np.linspace(kinds.means[0], kinds.means[1], PLACES)
    spaces = np.flatnonzero(kinds.odds(places) > 0)
    least = float(places[spaces[0]] if len(spaces) else places[-1])
    return max(least, WIDER * float(gaps.min())) if len(gaps) else least


def kinds_of(gaps: Float64Array, usual: Usual) -> Kinds:
    """Fits both kinds to the gaps of a page."""
    kinds = Kinds(np.array(usual.means), np.array(usual.deviations), usual.spaces)
    for _ in range(ROUNDS if len(gaps) else 0):
        kinds = fitted(gaps, kinds, usual)
    return kinds


def fitted(gaps: Float64Array, kinds: Kinds, usual: Usual) -> Kinds:
    """Returns kinds that fit the gaps better: one round."""
    space = 1 / (1 + np.exp(-kinds.odds(gaps)))
    shares = np.stack([1 - space, space])
    counts = shares.sum(axis=1)
    means = (shares @ gaps + usual.weight * np.array(usual.means)) / (counts + usual.weight)
    means[1] = max(means[1], means[0] + usual.apart)
    squares = (shares * (gaps - means[:, None]) ** 2).sum(axis=1)
    before = usual.deviation_weight * np.square(usual.deviations)
    deviations = np.sqrt((squares + before) / (counts + usual.deviation_weight))
    spaces = (counts[1] + usual.spaces_weight * usual.spaces) / (len(gaps) + usual.spaces_weight)
    return Kinds(means, deviations, float(spaces))
