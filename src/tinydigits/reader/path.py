"""The best reading of a row: the cheapest path through its candidates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tinydigits.arrays import Float64Array
from tinydigits.reader.lattice import Lattice
from tinydigits.reader.pieces import Piece


@dataclass(frozen=True)
class Prices:
    """What a path costs beside the recogniser's -log p; nothing costs less than 0.

    Fitted by coordinate descent on every second picture of the development sets; `docs/reading.md` reports all of them.

    Attributes:
        unread: price of ink that no digit explains, for each typical height of stroke.
        low: price of a digit lower than three quarters of the usual digit, times the square of what is missing.
        pale: price of a digit paler than three quarters of the usual digit, times the square of what is missing.
        wide: price of each width, in heights, beyond 1.1.
        cut: price of each end that is cut from touching ink.
        apart: price of paper between the marks of a digit, for each row height: a comma is no part of the next digit.
    """

    unread: float = 1.5
    low: float = 16.0
    pale: float = 16.0
    wide: float = 2.0
    cut: float = 0.2
    apart: float = 4.0


@dataclass(frozen=True)
class Usual:
    """The usual digit of a page: its height, in pixels, and the contrast of its ink."""

    height: float
    strength: float


@dataclass(frozen=True, eq=False)
class Path:
    """The candidates that were chosen, from the left, and what they cost.

    Attributes:
        chosen: numbers of the candidates.
        price: the price of the whole path.
        runner_up: the cheapest path that reads other digits; None if there is none.
    """

    chosen: tuple[int, ...]
    price: float
    runner_up: "Path | None" = None


def prices_of(lattice: Lattice, logarithms: Float64Array, prices: Prices, usual: Usual | None) -> Float64Array:
    """Returns the price of each candidate as a digit: float64 [n].

    Args:
        logarithms: float64 [n, 11], log-probabilities of the ten digits and of no whole digit.
        usual: the page's usual digit; None for that of the row.
    """
    heights, widths = lattice.heights / lattice.tall, lattice.widths / lattice.tall
    usual = usual or Usual(lattice.tall * usual_height(heights), float(np.median(lattice.strengths)))
    missing = np.maximum(0, 0.75 - lattice.heights / usual.height)
    faint = np.maximum(0, 0.75 - lattice.strengths / usual.strength)
    shape = (
        prices.low * missing**2
        + prices.pale * faint**2
        + prices.wide * np.maximum(0, widths / np.maximum(heights, 0.3) - 1.1)
    )
    return np.asarray(
        -logarithms[:, :10].max(axis=1) + shape + prices.cut * lattice.cut_ends + prices.apart * lattice.gaps
    )


def usual_height(heights: Float64Array) -> float:
    tall = heights[heights > 0.5]
    return float(np.median(tall)) if len(tall) else 1.0


def best_path(lattice: Lattice, logarithms: Float64Array, prices: Prices, usual: Usual | None = None) -> Path:
    """Finds the cheapest path by dynamic programming over the pieces (Viterbi), and the runner-up."""
    costs = prices_of(lattice, logarithms, prices, usual).tolist()
    answers = logarithms[:, :10].argmax(axis=1).tolist()
    skips = (prices.unread * lattice.lengths).tolist()
    # For each place between pieces, the cheapest way to get there for each text, at most two.
    ways: list[list[Way]] = [[Way(0.0, "", ())]] + [[] for _ in skips]
    by_start: list[list[tuple[int, int]]] = [[] for _ in skips]
    for index, (first, end) in enumerate(lattice.spans.tolist()):
        by_start[first].append((index, end))
    for place, skip in enumerate(skips):
        ways[place] = two_cheapest(ways[place])
        for way in ways[place]:
            ways[place + 1].append(Way(way.price + skip, way.text, way.chosen))
            for index, end in by_start[place]:
                text = way.text + str(answers[index])
                ways[end].append(Way(way.price + costs[index], text, (*way.chosen, index)))
    best, *others = two_cheapest(ways[-1])
    runner_up = Path(others[0].chosen, others[0].price) if others else None
    return Path(best.chosen, best.price, runner_up)


class Way(NamedTuple):
    """A way through the first pieces: its price, what it reads and the candidates chosen."""

    price: float
    text: str
    chosen: tuple[int, ...]


def two_cheapest(ways: Sequence[Way]) -> list[Way]:
    """Returns the cheapest way, and the cheapest one with another text."""
    best = min(ways)
    others = [way for way in ways if way.text != best.text]
    return [best, min(others)] if others else [best]


def left_out(lattice: Lattice, path: Path) -> list[Piece]:
    """Returns the pieces that belong to no chosen candidate."""
    used = {piece for index in path.chosen for piece in range(*lattice.spans[index].tolist())}
    return [piece for number, piece in enumerate(lattice.pieces) if number not in used]
