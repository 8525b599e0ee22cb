"""Finds where to cut a wide mark, which may be two digits that touch."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tinydigits.arrays import Int64Array, Mask
from tinydigits.reader.page import Page
from tinydigits.reader.segment import Mark

# A mark wider than this share of its height may be two digits. Wide single digits read well and are not cut.
WIDE = 0.95
# No cut is made in this outer share of a mark's width, on either side.
MARGIN = 0.22
# Number of cuts to try. The columns with least ink come first.
CUTS = 4
# Smallest distance between two cuts, as a share of the width.
CUT_DISTANCE = 0.08


def is_wide(mark: Mark) -> bool:
    return mark.width > WIDE * mark.height


def halves(mark: Mark, page: Page) -> Iterator[tuple[Mark, Mark]]:
    """Yields the mark cut in two, from top to bottom, at each of the columns with least ink."""
    own = np.isin(page.labels[mark.top : mark.bottom, mark.left : mark.right], list(mark.labels))
    profile = own.sum(axis=0)
    for column in cuts(profile):
        if profile[:column].any() and profile[column:].any():
            left, right = replace(mark, right=mark.left + column), replace(mark, left=mark.left + column)
            yield tightened(left, own[:, :column]), tightened(right, own[:, column:])


def tightened(mark: Mark, own: Mask) -> Mark:
    """Moves the top and bottom of a mark to its ink; `own` is that ink, bool [height, width]."""
    rows = np.flatnonzero(own.any(axis=1))
    return replace(mark, top=mark.top + int(rows[0]), bottom=mark.top + int(rows[-1]) + 1, area=int(own.sum()))


def cuts(profile: Int64Array) -> list[int]:
    """Returns at most `CUTS` columns, least ink first, at least `CUT_DISTANCE` apart."""
    width = len(profile)
    low, high = int(width * MARGIN), int(width * (1 - MARGIN)) + 1
    chosen: list[int] = []
    for column in low + np.argsort(profile[low:high], kind="stable"):
        if all(abs(column - other) >= CUT_DISTANCE * width for other in chosen):
            chosen.append(int(column))
        if len(chosen) == CUTS:
            break
    return chosen
