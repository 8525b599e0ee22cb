"""One explanation of a picture: rows of pieces of ink, and which digits they make at what price.

All explanations are judged by one price: the recogniser's -log p of each digit, and the ink that no digit explains.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tinydigits.arrays import Float64Array, UInt8Images
from tinydigits.reader.lattice import Lattice, lattice_of
from tinydigits.reader.path import Path, Prices, Usual, best_path
from tinydigits.reader.pen import stroke_length
from tinydigits.reader.pieces import Piece, cut_up, mask_of
from tinydigits.reader.rows import rows_of
from tinydigits.reader.segment import weighted_median
from tinydigits.reader.sheet import Sheet

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
# A row costs at most this for each digit, or its digits are no evidence of writing beyond the paper.
CREDIBLE = 1.0
# Most pieces of ink that are looked at; a picture with more of them is noise.
MOST_MARKS = 2000


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

    def certain_lengths(self) -> Float64Array:
        """Returns how long the strokes of each digit are, in pixels of the sheet, times its probability."""
        lengths = [stroke_length(mask_of(self.pieces(index))) for index in self.path.chosen]
        likely = np.exp(self.logarithms[list(self.path.chosen), :10].max(axis=1))
        return np.array(lengths, np.float64) * np.asarray(likely, np.float64)

    def evidence(self) -> float:
        """Returns the sum of these over digits other than 1, in rows of several."""
        chosen = list(self.path.chosen)
        others = self.logarithms[chosen, :10].argmax(axis=1) != 1
        return float(self.certain_lengths()[others].sum()) * (1 - 1 / max(1, len(chosen)))

    def length(self, index: int) -> float:
        """Returns how long the strokes of a candidate are, in typical heights."""
        return float(self.lattice.lengths[slice(*self.lattice.spans[index].tolist())].sum())

    def unread(self) -> float:
        """Returns how long the strokes are, in typical heights, that no digit explains."""
        return float(self.lattice.lengths.sum()) - sum(map(self.length, self.path.chosen))

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
        unread: what of the price is for ink that no digit explains.
    """

    sheet: Sheet
    rows: Sequence[RowReading]
    specks: Sequence[Piece]
    price: float
    unread: float

    @cached_property
    def digits(self) -> int:
        return sum(len(row.path.chosen) for row in self.rows)

    @cached_property
    def only_ones(self) -> bool:
        """Whether all digits are ones."""
        return all(row.logarithms[index, :10].argmax() == 1 for row in self.rows for index in row.path.chosen)

    @property
    def typical(self) -> float:
        """The height of a typical digit, in pixels of the picture."""
        return self.sheet.height

    @cached_property
    def legible(self) -> float:
        """How long the strokes are, in pixels of the picture, that are read as digits, weighted by their certainty."""
        return self.sheet.scale * sum(float(row.certain_lengths().sum()) for row in self.rows)

    @cached_property
    def evidence(self) -> float:
        """The same, of what shows whether a page is upright.

        Ones count nothing, because a bar reads as 1 in any orientation. Rows of one digit count nothing, because a
        number that lies on its side is a column.
        """
        return self.sheet.scale * sum(row.evidence() for row in self.rows)

    @cached_property
    def credible(self) -> float:
        """The same, of rows that cost little for each digit: the grain of a table reads as digits here and there."""
        rows = [row for row in self.rows if row.path.price <= CREDIBLE * len(row.path.chosen)]
        return self.sheet.scale * sum(row.evidence() for row in rows)

    def price_at(self, typical: float) -> float:
        """Returns what the reading would cost if typical digits were so many pixels high in the picture."""
        return self.price + self.unread * (self.typical / typical - 1)


def explain(sheet: Sheet, recognise: Recognise, prices: Prices, dearest: float = np.inf) -> Explanation | None:
    """Reads the rows of a sheet; returns None, and early, if it costs more than `dearest`."""
    usable = [mark for mark in sheet.marks if is_usable(mark, sheet)][:MOST_MARKS]
    kept = set(map(id, usable))
    specks = [mark for mark in sheet.marks if id(mark) not in kept]
    left = sheet.removed + sheet.length(specks)
    rows = read_rows(rows_of(usable, sheet.typical), sheet, recognise, prices, dearest - prices.unread * left)
    if rows is None:
        return None
    usual = usual_of(rows)
    if usual is not None and len(rows) > 1:
        rows = [replace(row, path=best_path(row.lattice, row.logarithms, prices, usual)) for row in rows]
    price = sum(row.path.price for row in rows) + prices.unread * left
    unread = left + sum(row.unread() for row in rows)
    return Explanation(sheet, rows, specks, price, prices.unread * unread)


def read_rows(
    rows: Sequence[Sequence[Piece]], sheet: Sheet, recognise: Recognise, prices: Prices, dearest: float
) -> list[RowReading] | None:
    """Reads each row; returns None as soon as they cost more than `dearest` together, whatever the usual digit."""
    # The rows with most marks, first, cost most where a page is read the wrong way.
    readings: dict[int, RowReading] = {}
    for number in sorted(range(len(rows)), key=lambda number: -len(rows[number])):
        if dearest < 0:
            return None
        readings[number] = read_row(rows[number], sheet, recognise, prices)
        if dearest < np.inf:
            dearest -= least_price(readings[number], prices)
    return [readings[number] for number in range(len(rows))] if dearest >= 0 else None


def least_price(row: RowReading, prices: Prices) -> float:
    """Returns the least that a row can cost, whatever the usual digit of its page."""
    return best_path(row.lattice, row.logarithms, replace(prices, low=0.0, pale=0.0)).price


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
