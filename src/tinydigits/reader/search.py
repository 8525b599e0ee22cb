"""The search for the best reading of a picture: every explanation is read, and the cheapest one counts.

An explanation says which ink is there (with or without ruled lines), which way up the picture is, and which pieces of
ink make each digit. All are judged by one price: the recogniser's -log p of each digit, and the ink that no digit
explains.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from PIL import Image

from tinydigits.arrays import Float64Array, UInt8Images
from tinydigits.reader.lattice import Lattice, lattice_of
from tinydigits.reader.page import Page, page_of
from tinydigits.reader.path import Path, Prices, Usual, best_path
from tinydigits.reader.pieces import Piece, cut_up
from tinydigits.reader.removed import without_cut_off, without_rulings, without_sides
from tinydigits.reader.rows import rows_of
from tinydigits.reader.segment import weighted_median
from tinydigits.reader.sheet import Sheet, sheet_of, upright

# Recognises uint8 [n, 28, 28]: float64 [n, 11], log-probabilities of the digits and of no whole digit.
Recognise = Callable[[UInt8Images], Float64Array]

# Strokes are widened to this share of the row's height, because MNIST's pens were thick.
PEN = 0.08
# Marks smaller than this share of a typical digit, in both directions, are never part of a digit.
SPECK = 0.08
# Marks higher than this many typical digits are shadows, tables or hands.
TALLEST = 3.5
# A row is at most this many typical digits high.
HIGHEST = 2.0
# Smallest contrast of a mark. Creases and grain of blank pages reach about 0.12; a pale pencil has 0.2.
FAINTEST = 0.13
# A mark that is read with at least this probability, and is no wider than high, is one digit and not cut.
SURE = 0.97
# Other explanations are tried if the first one costs more than this for each digit.
GOOD = 0.3
# A picture is turned, or its marks at the sides dropped, if so many times as much of its ink then reads as digits.
EVIDENCE_GAIN = 1.2
# Fewer digits than this do not show it.
FEWEST_UNLIKELY = 3
# How much cheaper a turned picture, or one without the marks at its sides, must read: -log of how rare it is. Seven of
# 150 real amounts, with joined zeros, read a little cheaper upside down.
UNLIKELY = 6.0
# Slants that are tried, in pixels to the right for each row up; and how much cheaper the ink must read without.
SLANTS, SLANTED = (0.25, 0.45), 0.4
# A line of a frame costs this share of what other ink costs that no digit explains, because nothing else is there.
FRAME_SHARE = 0.03
# Most pieces of ink that are looked at; a picture with more of them is noise.
MOST_MARKS = 2000
# For each quarter turn: a function of (width, height) that returns the matrix from (x, y, 1) after to (x, y) before it.
UNTURNED: dict[Image.Transpose, Callable[[int, int], list[list[int]]]] = {
    Image.Transpose.ROTATE_90: lambda width, height: [[0, -1, width], [1, 0, 0]],
    Image.Transpose.ROTATE_180: lambda width, height: [[-1, 0, width], [0, -1, height]],
    Image.Transpose.ROTATE_270: lambda width, height: [[0, 1, 0], [-1, 0, height]],
}


@dataclass(frozen=True, eq=False)
class RowReading:
    """The best path through one row.

    Attributes:
        lattice: the row's candidates.
        logarithms: float64 [candidates, 11].
        path: the candidates that were chosen.
    """

    lattice: Lattice
    logarithms: Float64Array
    path: Path

    def area(self, index: int) -> int:
        """Returns how many pixels of the sheet a candidate has."""
        return sum(len(piece.rows) for piece in self.pieces(index))

    def pieces(self, index: int) -> Sequence[Piece]:
        """Returns the pieces of a candidate."""
        return self.lattice.pieces[slice(*self.lattice.spans[index].tolist())]


@dataclass(frozen=True, eq=False)
class Explanation:
    """One way to read a whole picture.

    Attributes:
        sheet: the ink.
        rows: the rows, from the top.
        specks: marks that are too small or too large to be part of a row.
        price: what the reading costs; the lower, the better.
    """

    sheet: Sheet
    rows: Sequence[RowReading]
    specks: Sequence[Piece]
    price: float

    @cached_property
    def digits(self) -> int:
        return sum(len(row.path.chosen) for row in self.rows)

    @cached_property
    def evidence(self) -> float:
        """How much ink, in pixels of the picture, is read with certainty as digits that stand in rows.

        It shows whether a page is upright. Ones count nothing, because a bar reads as 1 in any orientation. Rows of one
        digit count nothing, because a number that lies on its side is a column.
        """
        pixels = float(abs(np.linalg.det(self.sheet.to_picture[:, :2])))
        total = 0.0
        for row in self.rows:
            count = len(row.path.chosen)
            for index in row.path.chosen:
                digits = row.logarithms[index, :10]
                if digits.argmax() != 1:
                    total += row.area(index) * float(np.exp(digits.max())) * (1 - 1 / count)
        return total * pixels

    def is_good(self) -> bool:
        """Returns whether it costs so little that no other explanation needs to be tried."""
        return self.digits > 0 and self.price <= GOOD * self.digits


def search(picture: Image.Image, recognise: Recognise, prices: Prices) -> Explanation | None:
    """Finds the best explanation of a picture of mode L or RGB; None if it shows no ink."""
    best: Explanation | None = None
    for sheet in sheets(picture):
        if sheet.unlikely and best is not None and best.price < UNLIKELY:
            break  # the unlikely ones come last, and no price is below 0
        explanation = explain(sheet, recognise, prices)
        if best is None or is_better(explanation, best):
            best = explanation
        if best.is_good():
            return best
    return None if best is None else without_slant(best, recognise, prices)


def without_slant(best: Explanation, recognise: Recognise, prices: Prices) -> Explanation:
    """Returns the explanation, or a cheaper one of the same ink with its slant taken out."""
    found = [best]
    for slant in SLANTS:
        explanation = explain(upright(best.sheet, slant), recognise, prices)
        found.append(replace(explanation, price=explanation.price + SLANTED))
    return min(found, key=lambda explanation: explanation.price)


def is_better(explanation: Explanation, best: Explanation) -> bool:
    """Returns whether an explanation is better than the best of those before it, which are likelier by themselves."""
    if explanation.sheet.unlikely:
        more = explanation.digits >= FEWEST_UNLIKELY and explanation.evidence > EVIDENCE_GAIN * best.evidence
        return more and explanation.price + UNLIKELY <= best.price
    return explanation.price < best.price


def sheets(picture: Image.Image) -> Iterator[Sheet]:
    """Yields the ink of a picture in every way that it may be meant, the likeliest first."""
    yield from sheets_of_page(page_of(picture, level=True))
    for turn, unturned in UNTURNED.items():
        page = page_of(picture.transpose(turn), level=True)
        back = np.vstack((np.array(unturned(*picture.size), np.float64), (0, 0, 1)))
        turned = back @ np.vstack((page.to_picture, (0, 0, 1)))
        for sheet in sheets_of_page(replace(page, to_picture=turned[:2])):
            yield replace(sheet, unlikely=True)


def sheets_of_page(page: Page) -> Iterator[Sheet]:
    """Yields the page's ink without ruled lines, if it has any, and as it is."""
    for share, found in ((FRAME_SHARE, without_sides(page)), (1.0, without_rulings(page)), (1.0, (page, 0))):
        sheet = None if found is None else sheet_of(found[0], share * found[1])
        if sheet is not None:
            yield sheet
    inner = without_cut_off(page)
    sheet = None if inner is None else sheet_of(inner)
    if sheet is not None:
        yield replace(sheet, unlikely=True)


def explain(sheet: Sheet, recognise: Recognise, prices: Prices) -> Explanation:
    """Reads the rows of a sheet."""
    usable = [mark for mark in sheet.marks if is_usable(mark, sheet)][:MOST_MARKS]
    kept = set(map(id, usable))
    specks = [mark for mark in sheet.marks if id(mark) not in kept]
    rows = [read_row(row, sheet, recognise, prices) for row in rows_of(usable, sheet.typical)]
    usual = usual_of(rows)
    if usual is not None and len(rows) > 1:
        rows = [replace(row, path=best_path(row.lattice, row.logarithms, prices, usual)) for row in rows]
    price = sum(row.path.price for row in rows) + prices.unread * (sheet.removed + sheet.length(specks))
    return Explanation(sheet, rows, specks, price)


def usual_of(rows: Sequence[RowReading]) -> Usual | None:
    """Returns the usual digit of a page: the median of those read, weighted by their ink and certainty."""
    chosen = [(row, index) for row in rows for index in row.path.chosen]
    if not chosen:
        return None
    weights = np.array([row.area(index) * np.exp(row.logarithms[index, :10].max()) for row, index in chosen])
    heights = np.array([row.lattice.heights[index] for row, index in chosen])
    strengths = np.array([row.lattice.strengths[index] for row, index in chosen])
    return Usual(weighted_median(heights, weights), weighted_median(strengths, weights))


def is_usable(mark: Piece, sheet: Sheet) -> bool:
    """Returns whether a mark may be a digit or a part of one."""
    fits = max(mark.height, mark.width) >= SPECK * sheet.typical and mark.height <= TALLEST * sheet.typical
    return fits and sheet.strength([mark]) >= FAINTEST


def read_row(marks: Sequence[Piece], sheet: Sheet, recognise: Recognise, prices: Prices) -> RowReading:
    """Finds the best path through a row."""
    tall = min(float(max(mark.height for mark in marks)), HIGHEST * sheet.typical)
    whole = lattice_of(marks, sheet, tall, PEN, most_pieces=1)
    sure = is_sure(whole, recognise(whole.images))
    pieces = [
        piece
        for mark, one in zip(marks, sure.tolist(), strict=True)
        for piece in ((mark,) if one else cut_up(mark, tall))
    ]
    pieces.sort(key=lambda piece: piece.left + piece.right)
    lattice = lattice_of(pieces, sheet, tall, PEN)
    logarithms = recognise(lattice.images)
    return RowReading(lattice, logarithms, best_path(lattice, logarithms, prices))


def is_sure(lattice: Lattice, logarithms: Float64Array) -> Float64Array:
    """Returns which marks are one digit beyond doubt: bool [n]."""
    heights, widths = lattice.heights, lattice.widths
    likely = np.exp(logarithms[:, :10].max(axis=1, initial=-np.inf))
    return np.asarray((likely >= SURE) & (widths <= heights) & (heights >= 0.6 * lattice.tall))
