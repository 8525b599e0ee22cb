"""The search for the best reading of a picture: every explanation is read, and the cheapest one counts.

An explanation says which ink is there (with or without ruled lines, a table or marks at the sides), which way up the
picture is, and which pieces of ink make each digit.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
from PIL import Image

from tinydigits.reader.explanation import Explanation, Recognise, explain
from tinydigits.reader.page import Page, page_of
from tinydigits.reader.paper import without_table
from tinydigits.reader.path import Prices
from tinydigits.reader.removed import without_cut_off, without_rulings, without_sides
from tinydigits.reader.sheet import Sheet, sheet_of, upright

# Other explanations are tried if the first one costs more than this for each digit.
GOOD = 0.3
# … or, if all its digits are ones, more than this: a bar, or a strip of a table, reads as 1 in any orientation.
GOOD_ONES = 0.1
# Prices can be compared if the heights of typical digits differ at most by this factor: unread ink is counted in them.
ALIKE = 1.25
# Else, and where a picture is turned or its marks at the sides dropped, so many times as much ink must read as digits.
EVIDENCE_GAIN = 1.2
# The table may be left out as long as so many times as much ink does not read as digits with it.
TABLE_GAIN = 1.05
# How much cheaper a turned picture, or one without the marks at its sides, must read: -log of how rare it is. Seven of
# 150 real amounts, with joined zeros, read a little cheaper upside down.
UNLIKELY = 6.0
# Bars alone, such as strips of a table, give way to digits of another height with at least this share of their ink.
BARS = 0.5
# Fewer digits than this do not show it.
FEWEST = 3
# Slants that are tried, in pixels to the right for each row up; and how much cheaper the ink must read without.
SLANTS, SLANTED = (0.25, 0.45), 0.4
# A line of a frame costs this share of what other ink costs that no digit explains, because nothing else is there.
FRAME_SHARE = 0.03
# For each quarter turn: a function of (width, height) that returns the matrix from (x, y, 1) after to (x, y) before it.
UNTURNED: dict[Image.Transpose, Callable[[int, int], list[list[int]]]] = {
    Image.Transpose.ROTATE_90: lambda width, height: [[0, -1, width], [1, 0, 0]],
    Image.Transpose.ROTATE_180: lambda width, height: [[-1, 0, width], [0, -1, height]],
    Image.Transpose.ROTATE_270: lambda width, height: [[0, 1, 0], [-1, 0, height]],
}


def search(picture: Image.Image, recognise: Recognise, prices: Prices) -> Explanation | None:
    """Finds the best explanation of a picture of mode L or RGB; None if it shows no ink."""
    best: Explanation | None = None
    for sheet in sheets(picture):
        if sheet.unlikely and best is not None and best.price < UNLIKELY and not best.only_ones:
            break  # the unlikely ones come last, and no price is below 0
        explanation = explain(sheet, recognise, prices)
        if best is None or is_better(explanation, best):
            best = explanation
        if is_good(best):
            return best
    return None if best is None else without_slant(best, recognise, prices)


def is_good(explanation: Explanation) -> bool:
    """Returns whether it costs so little that no other explanation needs to be tried."""
    dearest = GOOD_ONES if explanation.only_ones else GOOD
    return explanation.digits > 0 and explanation.price <= dearest * explanation.digits


def without_slant(best: Explanation, recognise: Recognise, prices: Prices) -> Explanation:
    """Returns the explanation, or a cheaper one of the same ink with its slant taken out."""
    found = [best]
    for slant in SLANTS:
        explanation = explain(upright(best.sheet, slant), recognise, prices)
        found.append(replace(explanation, price=explanation.price + SLANTED))
    return min(found, key=lambda explanation: explanation.price)


def is_better(explanation: Explanation, best: Explanation) -> bool:
    """Returns whether an explanation is better than the best of those before it, which are likelier by themselves."""
    price, so_far = comparable_prices(explanation, best)
    enough = explanation.digits >= FEWEST and explanation.evidence > BARS * best.legible
    if best.only_ones and enough and not alike(explanation, best):
        return True
    if explanation.sheet.unlikely and best.sheet.unlikely:
        return explanation.evidence > best.evidence
    if explanation.sheet.unlikely:
        more = explanation.digits >= FEWEST and explanation.evidence > EVIDENCE_GAIN * best.evidence
        return more and price + UNLIKELY <= so_far
    if explanation.sheet.outside and not best.sheet.outside:
        return explanation.digits >= FEWEST and TABLE_GAIN * explanation.legible >= best.legible
    if best.sheet.outside and not explanation.sheet.outside and shows_more(explanation, best):
        return True
    if not alike(explanation, best) and (shows_more(explanation, best) or shows_more(best, explanation)):
        return explanation.legible > best.legible
    return price < so_far


def shows_more(one: Explanation, other: Explanation) -> bool:
    """Returns whether so much more ink reads as digits in one of two explanations that prices do not matter."""
    return one.digits >= FEWEST and one.legible > EVIDENCE_GAIN * other.legible


def comparable_prices(one: Explanation, other: Explanation) -> tuple[float, float]:
    """Returns the prices of two explanations, where their typical digits differ for the lower of the two heights."""
    if alike(one, other):
        return one.price, other.price
    lower = min(one.typical, other.typical)
    return one.price_at(lower), other.price_at(lower)


def alike(one: Explanation, other: Explanation) -> bool:
    """Returns whether the typical digits of two explanations are about equally high in the picture."""
    return 1 / ALIKE <= one.typical / other.typical <= ALIKE


def sheets(picture: Image.Image) -> Iterator[Sheet]:
    """Yields the ink of a picture in every way that it may be meant, the likeliest first."""
    page = page_of(picture, level=True)
    likely = likely_sheets(page)
    yield from islice(likely, 1)
    found = without_table(picture)
    if found is not None:
        for sheet in likely_sheets(page_of(found.picture, level=True)):
            yield replace(sheet, outside=found.outside)
    yield from likely
    yield from cut_off_sheets(page)
    for turn in UNTURNED:
        if found is not None:
            for sheet in likely_sheets(turned_page(found.picture, turn)):
                yield replace(sheet, unlikely=True, outside=found.outside)
        for sheet in sheets_of_page(turned_page(picture, turn)):
            yield replace(sheet, unlikely=True)


def turned_page(picture: Image.Image, turn: Image.Transpose) -> Page:
    """Returns the page of a picture that is turned by quarters."""
    page = page_of(picture.transpose(turn), level=True)
    back = np.vstack((np.array(UNTURNED[turn](*picture.size), np.float64), (0, 0, 1)))
    return replace(page, to_picture=(back @ np.vstack((page.to_picture, (0, 0, 1))))[:2])


def sheets_of_page(page: Page) -> Iterator[Sheet]:
    """Yields the page's ink in every way that it may be meant."""
    yield from likely_sheets(page)
    yield from cut_off_sheets(page)


def likely_sheets(page: Page) -> Iterator[Sheet]:
    """Yields the page's ink without lines along its sides and without ruled lines, if it has any, and as it is."""
    for share, found in ((FRAME_SHARE, without_sides(page)), (1.0, without_rulings(page)), (1.0, (page, 0))):
        sheet = None if found is None else sheet_of(found[0], share * found[1])
        if sheet is not None:
            yield sheet


def cut_off_sheets(page: Page) -> Iterator[Sheet]:
    """Yields the page's ink without the marks that touch its sides, if others are left."""
    inner = without_cut_off(page)
    sheet = None if inner is None else sheet_of(inner)
    if sheet is not None:
        yield replace(sheet, unlikely=True)
