"""Places in the one array of a generated net: rows that are passed on, and rows that a layer keeps."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tinydigits.export.c.units import Unit

# Number of random orders in which rows are placed; the best one is used.
ORDERS = 300


@dataclass(frozen=True)
class Memory:
    """All lengths and places count values.

    Attributes:
        rows: length of each layer's row of input.
        places: place of each layer's row of input. Rows that are needed at the same time do not overlap.
        kept: place of the rows that each layer keeps.
        size: length of the whole array.
    """

    rows: tuple[int, ...]
    places: tuple[int, ...]
    kept: tuple[int, ...]
    size: int


def laid_out(units: Sequence[Unit]) -> Memory:
    """Returns where everything lies."""
    rows = tuple(row_pixels(units, index) * unit.input_shape[2] for index, unit in enumerate(units))
    places = placed(rows, [needed_together(units, index) for index in range(len(units))])
    end = max(place + row for place, row in zip(places, rows, strict=True))
    kept = []
    for unit, row in zip(units, rows, strict=True):
        kept.append(end)
        end += (unit.window[0] - 1) * row
    return Memory(rows, places, tuple(kept), end)


def row_pixels(units: Sequence[Unit], index: int) -> int:
    """Returns the pixels in a layer's row of input: with padding, and with those that only pairs of outputs touch."""
    unit = units[index]
    left, right = unit.pads[1]
    needed = [left + unit.input_shape[1] + right]
    if pairs(unit):
        needed.append((pair_columns(unit) - 1) * unit.strides[1] + unit.window[1])
    if index and pairs(units[index - 1]):
        needed.append(left + (unit.input_shape[1] if units[index - 1].halve else pair_columns(units[index - 1])))
    return max(needed)


def pairs(unit: Unit) -> bool:
    """Whether the layer computes two columns at a time."""
    return unit.kind in ("CONVOLVE", "SEPARABLE")


def pair_columns(unit: Unit) -> int:
    """Returns the number of columns computed, the odd one rounded up to a pair."""
    return unit.output_shape[1] // 2 * 2 if unit.halve else -(-unit.output_shape[1] // 2) * 2


def needed_together(units: Sequence[Unit], index: int) -> set[int]:
    """Returns the layers before `index` whose rows of input must not overlap that of layer `index`.

    That is the layer which writes this row. A row of a layer that halves is written twice: in between, all rows of
    earlier layers are used again.
    """
    if index == 0:
        return set()
    return set(range(index)) if units[index - 1].halve else {index - 1}


def placed(sizes: Sequence[int], before: Sequence[set[int]]) -> tuple[int, ...]:
    """Returns a place for each row, for the order of placing, of those tried, that needs the least memory."""
    tried = (placed_in(order, sizes, before) for order in orders(sizes))
    return min(tried, key=lambda places: max(place + size for place, size in zip(places, sizes, strict=True)))


def orders(sizes: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yields orders in which to place rows: the largest first, then some at random, always the same ones."""
    indices = list(range(len(sizes)))
    yield sorted(indices, key=lambda each: -sizes[each])
    shuffled = random.Random(0)
    for _ in range(ORDERS):
        shuffled.shuffle(indices)
        yield list(indices)


def placed_in(order: Sequence[int], sizes: Sequence[int], before: Sequence[set[int]]) -> tuple[int, ...]:
    """Places rows in the given order, each at the lowest place that is free."""
    places: dict[int, int] = {}
    for index in order:
        others = [each for each in places if each in before[index] or index in before[each]]
        taken = sorted((places[each], places[each] + sizes[each]) for each in others)
        places[index] = lowest_gap(taken, sizes[index])
    return tuple(places[index] for index in range(len(sizes)))


def lowest_gap(taken: Sequence[tuple[int, int]], size: int) -> int:
    """Returns the lowest place for `size` values beside the intervals `taken`, in order of their starts."""
    place = 0
    for start, stop in taken:
        if place + size <= start:
            break
        place = max(place, stop)
    return place
