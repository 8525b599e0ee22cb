"""The search for the best reading of a picture: every explanation is read, and the cheapest one counts.

An explanation says which ink is there (with or without ruled lines, a table or marks at the sides), which way up the
picture is, and which pieces of ink make each digit.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, islice

import numpy as np
from PIL import Image

from tinydigits.reader.explanation import Explanation, Recognise, explain
from tinydigits.reader.page import Page, inked_page, levelled, quarter_turned
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
# How far the log-odds that an explanation shows digits lie above the least that is read.
Judge = Callable[[Explanation], float]


def search(picture: Image.Image, recognise: Recognise, prices: Prices, likely: Judge) -> Explanation | None:
    """Finds the best explanation of a picture of mode L or RGB; None if it shows no ink.

    Args:
        likely: how likely an explanation shows digits at all; below 0 it is refused.
    """
    best: Explanation | None = None
    for sheet in sheets(picture):
        if sheet.unlikely and best is not None and is_final(best, likely):
            break  # the unlikely ones come last
        explanation = explain(sheet, recognise, prices, np.inf if best is None else dearest(sheet, best, likely))
        if explanation is None:
            continue
        if best is None or is_better(explanation, best) or is_believed_instead(explanation, best, likely):
            best = explanation
            if is_good(best):
                return best
    return None if best is None else without_slant(best, recognise, prices)


def is_good(explanation: Explanation) -> bool:
    """Returns whether it costs so little that no other explanation needs to be tried."""
    good = GOOD_ONES if explanation.only_ones else GOOD
    return explanation.digits > 0 and explanation.price <= good * explanation.digits


def is_final(best: Explanation, likely: Judge) -> bool:
    """Returns whether no unlikely explanation can be better: no price is below 0."""
    return best.price < UNLIKELY and not best.only_ones and likely(best) >= 0


def is_believed_instead(explanation: Explanation, best: Explanation, likely: Judge) -> bool:
    """Returns whether a turned picture surely shows digits, and more of them, where it is refused as it is."""
    if not explanation.sheet.unlikely or best.sheet.unlikely or not turned_shows_more(explanation, best):
        return False
    return likely(best) < 0 and likely(explanation) >= UNLIKELY


def turned_shows_more(explanation: Explanation, best: Explanation) -> bool:
    """Returns whether a picture, turned or cut, reads so much better that this may be how it is meant."""
    return explanation.digits >= FEWEST and explanation.evidence > EVIDENCE_GAIN * best.evidence


def without_slant(best: Explanation, recognise: Recognise, prices: Prices) -> Explanation:
    """Returns the explanation, or a cheaper one of the same ink with its slant taken out."""
    sheet = best.sheet
    for slant in SLANTS:
        explanation = explain(upright(sheet, slant), recognise, prices, best.price - SLANTED)
        if explanation is not None and explanation.price + SLANTED < best.price:
            best = replace(explanation, price=explanation.price + SLANTED)
    return best


def dearest(sheet: Sheet, best: Explanation, likely: Judge) -> float:
    """Returns the price beyond which no explanation of a sheet is better than the best so far, see `is_better`.

    It is inf where other things than prices decide.
    """
    if best.only_ones or (best.sheet.unlikely if sheet.unlikely else best.sheet.outside != sheet.outside):
        return np.inf
    if sheet.unlikely:
        return price_beside(best, sheet.height) - UNLIKELY if likely(best) >= 0 else np.inf
    return best.price if alike(best.typical, sheet.height) else np.inf


def is_better(explanation: Explanation, best: Explanation) -> bool:
    """Returns whether an explanation is better than the best of those before it, which are likelier by themselves."""
    price, so_far = price_beside(explanation, best.typical), price_beside(best, explanation.typical)
    differ = not alike(explanation.typical, best.typical)
    enough = explanation.digits >= FEWEST and explanation.evidence > BARS * best.legible
    if best.only_ones and enough and differ:
        return True
    if explanation.sheet.unlikely and best.sheet.unlikely:
        return explanation.evidence > best.evidence
    if explanation.sheet.unlikely:
        return turned_shows_more(explanation, best) and price + UNLIKELY <= so_far
    if explanation.sheet.outside and not best.sheet.outside:
        without, whole = credible(explanation, best)
        return explanation.digits >= FEWEST and TABLE_GAIN * without >= whole
    if best.sheet.outside and not explanation.sheet.outside:
        whole, without = credible(explanation, best)
        return explanation.digits >= FEWEST and whole > EVIDENCE_GAIN * without
    if differ and (shows_more(explanation, best) or shows_more(best, explanation)):
        return explanation.legible > best.legible
    return price < so_far


def credible(one: Explanation, other: Explanation) -> tuple[float, float]:
    """Returns how much ink of each of two explanations is credible, or, where nothing is, reads as digits at all."""
    return (one.credible, other.credible) if one.credible or other.credible else (one.legible, other.legible)


def shows_more(one: Explanation, other: Explanation) -> bool:
    """Returns whether so much more ink reads as digits in one of two explanations that prices do not matter."""
    return one.digits >= FEWEST and one.legible > EVIDENCE_GAIN * other.legible


def price_beside(explanation: Explanation, typical: float) -> float:
    """Returns the price to compare with that of another explanation, whose typical digits are so high in the picture.

    Where the heights differ, prices are compared for the lower one.
    """
    alone = alike(explanation.typical, typical)
    return explanation.price if alone else explanation.price_at(min(explanation.typical, typical))


def alike(one: float, other: float) -> bool:
    """Returns whether two heights of typical digits are about equal."""
    return 1 / ALIKE <= one / other <= ALIKE


def sheets(picture: Image.Image) -> Iterator[Sheet]:
    """Yields the ink of a picture in every way that it may be meant, the likeliest first."""
    pages = orientations(inked_page(picture))
    page = next(pages)
    likely = likely_sheets(page)
    yield from islice(likely, 1)
    papers = paper_sheets(picture)
    yield from next(papers, ())
    yield from likely
    yield from cut_off_sheets(page)
    for turned in pages:
        for sheet in chain(next(papers, ()), sheets_of_page(turned)):
            yield replace(sheet, unlikely=True)


def paper_sheets(picture: Image.Image) -> Iterator[Iterator[Sheet]]:
    """Yields, for each orientation, the sheets without the table around the paper; nothing if there is no table."""
    found = without_table(picture)
    if found is not None:
        for page in orientations(inked_page(found.picture)):
            yield (replace(sheet, outside=found.outside) for sheet in likely_sheets(page))


def orientations(seen: Page) -> Iterator[Page]:
    """Yields a page turned by no, one, two and three quarters, each time with its rows level."""
    upright = levelled(seen)
    yield upright
    on_side = levelled(quarter_turned(seen))
    yield on_side
    yield quarter_turned(quarter_turned(upright))
    yield quarter_turned(quarter_turned(on_side))


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
