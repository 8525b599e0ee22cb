"""Finds pairs of marks that may be two pieces of one digit with a broken stroke."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Mask
from tinydigits.reader.page import Page
from tinydigits.reader.pen import stroke_width, within_distance
from tinydigits.reader.segment import Mark, gap, union

# Largest gap in a broken stroke, in stroke widths. Two digits stand further apart.
SKIP = 1.2
# Largest width of two pieces together, as a share of their height. Wider pairs are two digits.
WIDEST = 1.2


def pieces(marks: Sequence[Mark], page: Page) -> Iterator[tuple[int, int, Mark]]:
    """Yields the positions of two marks that nearly touch, and one mark made of both."""
    for (first, one), (second, other) in combinations(enumerate(marks), 2):
        if boxes_gap(one, other) < min(one.height, other.height) / 4:
            both = union((one, other))
            if both.width <= WIDEST * both.height and nearly_touch(one, other, both, page):
                yield first, second, both


def joined(marks: Sequence[Mark], pairs: Sequence[tuple[int, int, Mark]]) -> list[Mark]:
    """Replaces pairs of pieces by the mark made of both. A mark is used once: the first of its pairs counts."""
    whole: list[Mark | None] = list(marks)
    used: set[int] = set()
    for first, second, both in pairs:
        if not used & {first, second}:
            whole[first], whole[second] = both, None
            used |= {first, second}
    return [mark for mark in whole if mark is not None]


def boxes_gap(one: Mark, other: Mark) -> float:
    """Returns the larger of the vertical and horizontal gap between two boxes; negative if they overlap."""
    return max(gap(one.top, one.bottom, other.top, other.bottom), gap(one.left, one.right, other.left, other.right))


def nearly_touch(one: Mark, other: Mark, both: Mark, page: Page) -> bool:
    """Returns whether the gap between two marks is at most `SKIP` stroke widths; `both` is one mark made of them."""
    window = page.labels[both.top : both.bottom, both.left : both.right]
    first, second = (own_of(window, mark) for mark in (one, other))
    reach = round(SKIP * max(stroke_width(first), stroke_width(second)))
    return bool((within_distance(first, reach) & second).any())


def own_of(window: NDArray[np.int32], mark: Mark) -> Mask:
    """Returns which pixels of a window of labels belong to `mark`."""
    return np.isin(window, list(mark.labels))
