"""Digits that touch: where a wide mark may be cut in two."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tinydigits.arrays import Int64Array, Mask
from tinydigits.reader.page import Page
from tinydigits.reader.segment import Mark

# A mark wider than this share of its height may be two digits; wide single ones read well as they are.
WIDE = 0.95
# Cuts are looked for in the middle part of a mark,
MARGIN = 0.22
# and so many of the thinnest are tried, at least this share of the width apart.
CUTS = 4
CUT_DISTANCE = 0.08


def is_wide(mark: Mark) -> bool:
    return mark.width > WIDE * mark.height


def halves(mark: Mark, page: Page) -> Iterator[tuple[Mark, Mark]]:
    """The mark cut from top to bottom, at each of the columns that hold least ink."""
    own = np.isin(page.labels[mark.top : mark.bottom, mark.left : mark.right], list(mark.labels))
    profile = own.sum(axis=0)
    for column in cuts(profile):
        if profile[:column].any() and profile[column:].any():
            left, right = replace(mark, right=mark.left + column), replace(mark, left=mark.left + column)
            yield tightened(left, own[:, :column]), tightened(right, own[:, column:])


def tightened(mark: Mark, own: Mask) -> Mark:
    """The mark, its top and bottom moved to its own ink, bool [height, width]."""
    rows = np.flatnonzero(own.any(axis=1))
    return replace(mark, top=mark.top + int(rows[0]), bottom=mark.top + int(rows[-1]) + 1, area=int(own.sum()))


def cuts(profile: Int64Array) -> list[int]:
    """At most `CUTS` columns, those with least ink first, none close to another."""
    width = len(profile)
    low, high = int(width * MARGIN), int(width * (1 - MARGIN)) + 1
    chosen: list[int] = []
    for column in low + np.argsort(profile[low:high], kind="stable"):
        if all(abs(column - other) >= CUT_DISTANCE * width for other in chosen):
            chosen.append(int(column))
        if len(chosen) == CUTS:
            break
    return chosen
