"""Broken strokes: which marks may be two pieces of one digit."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Mask
from tinydigits.reader.page import Page
from tinydigits.reader.pen import reached, stroke_width
from tinydigits.reader.segment import Mark, gap, union

# Where a pen skips, it leaves a gap of at most about this many stroke widths; digits stand further apart.
SKIP = 1.2
# Two pieces are together no wider than this share of their height; wider is two digits.
WIDEST = 1.2


def pieces(marks: Sequence[Mark], page: Page) -> Iterator[tuple[int, int, Mark]]:
    """Positions of two marks that nearly touch, and both as one."""
    for (first, one), (second, other) in combinations(enumerate(marks), 2):
        if boxes_gap(one, other) < min(one.height, other.height) / 4:
            both = union((one, other))
            if both.width <= WIDEST * both.height and nearly_touch(one, other, both, page):
                yield first, second, both


def joined(marks: Sequence[Mark], pairs: Sequence[tuple[int, int, Mark]]) -> list[Mark]:
    """The marks with pairs of pieces taken together, each mark once; of two pairs that share one, the first."""
    whole: list[Mark | None] = list(marks)
    used: set[int] = set()
    for first, second, both in pairs:
        if not used & {first, second}:
            whole[first], whole[second] = both, None
            used |= {first, second}
    return [mark for mark in whole if mark is not None]


def boxes_gap(one: Mark, other: Mark) -> float:
    return max(gap(one.top, one.bottom, other.top, other.bottom), gap(one.left, one.right, other.left, other.right))


def nearly_touch(one: Mark, other: Mark, both: Mark, page: Page) -> bool:
    window = page.labels[both.top : both.bottom, both.left : both.right]
    first, second = (own_of(window, mark) for mark in (one, other))
    reach = round(SKIP * max(stroke_width(first), stroke_width(second)))
    return bool((reached(first, reach) & second).any())


def own_of(window: NDArray[np.int32], mark: Mark) -> Mask:
    return np.isin(window, list(mark.labels))
