"""The best reading of a row: the cheapest path through its candidates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinydigits.arrays import Float64Array, Int64Array
from tinydigits.reader.lattice import Lattice
from tinydigits.reader.pieces import Piece


@dataclass(frozen=True)
class Prices:
    """What a path costs beside the recogniser's -log p. Their source: `tools/prices.py`.

    Attributes:
        digit: price of each digit; below 0 it is a reward.
        left_out: price of each piece that is left out.
        unread: price of ink that no digit explains, for each typical height of stroke.
        low: price of a digit lower than three quarters of the row's usual digit, times the square of what is missing.
        wide: price of each width, in heights, beyond 1.1.
        cut: price of each end that is cut from touching ink.
        odd: weight of log p(not one whole digit).
    """

    digit: float = 0.0
    left_out: float = 0.0
    unread: float = 1.5
    low: float = 16.0
    wide: float = 2.0
    cut: float = 0.2
    odd: float = 0.0


@dataclass(frozen=True, eq=False)
class Path:
    """The candidates that were chosen, from the left, and the price of all."""

    chosen: tuple[int, ...]
    price: float


def prices_of(lattice: Lattice, logarithms: Float64Array, prices: Prices) -> Float64Array:
    """Returns the price of each candidate as a digit: float64 [n].

    Args:
        logarithms: float64 [n, 11], log-probabilities of the ten digits and of no whole digit.
    """
    heights, widths = lattice.heights / lattice.tall, lattice.widths / lattice.tall
    missing = np.maximum(0, 0.75 - heights / usual_height(heights))
    shape = prices.low * missing**2 + prices.wide * np.maximum(0, widths / np.maximum(heights, 0.3) - 1.1)
    likely = -logarithms[:, :10].max(axis=1) + prices.odd * np.maximum(logarithms[:, 10], -6)
    return np.asarray(likely + prices.digit + shape + prices.cut * lattice.cut_ends)


def usual_height(heights: Float64Array) -> float:
    tall = heights[heights > 0.5]
    return float(np.median(tall)) if len(tall) else 1.0


def best_path(lattice: Lattice, logarithms: Float64Array, prices: Prices) -> Path:
    """Finds the cheapest path by dynamic programming over the pieces (Viterbi)."""
    costs = prices_of(lattice, logarithms, prices).tolist()
    skips = (prices.left_out + prices.unread * lattice.lengths).tolist()
    best = [0.0] + [np.inf] * len(skips)
    back: list[tuple[int, int | None]] = [(0, None)] * (len(skips) + 1)
    by_start: list[list[tuple[int, int]]] = [[] for _ in skips]
    for index, (first, end) in enumerate(lattice.spans.tolist()):
        by_start[first].append((index, end))
    for place, skip in enumerate(skips):
        if best[place] + skip < best[place + 1]:
            best[place + 1], back[place + 1] = best[place] + skip, (place, None)
        for index, end in by_start[place]:
            if best[place] + costs[index] < best[end]:
                best[end], back[end] = best[place] + costs[index], (place, index)
    return Path(tuple(followed(back)), best[-1])


def followed(back: Sequence[tuple[int, int | None]]) -> list[int]:
    """Returns the candidates on the path to the end, from the left."""
    chosen, place = [], len(back) - 1
    while place:
        place, index = back[place]
        if index is not None:
            chosen.append(index)
    return chosen[::-1]


def left_out(lattice: Lattice, path: Path) -> list[Piece]:
    """Returns the pieces that belong to no chosen candidate."""
    used = {piece for index in path.chosen for piece in range(*lattice.spans[index].tolist())}
    return [piece for number, piece in enumerate(lattice.pieces) if number not in used]
