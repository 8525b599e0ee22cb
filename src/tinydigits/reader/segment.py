"""Finds marks, which may be digits, in a mask of ink: joins parts of digits, and drops specks and frames."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinydigits.arrays import Float64Array, Mask

# Structuring element: pixels that touch at a side or a corner are connected.
EIGHT_NEIGHBOURS = np.ones((3, 3), np.int64)
# Smallest height or width of a mark, in working pixels. It must also contain this many pixels of certain ink.
LEAST_HEIGHT = 7
# Size of a speck, as a share of a digit's height. On a page, marks of up to twice this height are dropped.
SPECK = 0.22
# Largest vertical gap between two parts of one digit, as a share of a typical height.
JOIN_GAP = 0.25
# Two parts of one digit overlap horizontally by at least this share of the narrower one's width.
JOIN_OVERLAP = 0.45
# Largest height of two parts together, as a multiple of a typical height.
JOIN_HEIGHT = 1.45
# A part is lower than this share of a typical height. Two higher marks are two digits and are never joined.
PART_HEIGHT = 0.7
# Marks higher than this multiple of a typical height are shadows, tables or hands.
TALLEST = 4.0


@dataclass(frozen=True)
class Mark:
    """Connected ink, or several pieces of ink that are treated as one.

    Attributes:
        top, left, bottom, right: its box in working pixels; bottom and right are exclusive.
        labels: the labels of its components.
        area: number of ink pixels.
    """

    top: int
    left: int
    bottom: int
    right: int
    labels: frozenset[int]
    area: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def centre(self) -> tuple[float, float]:
        """(y, x)."""
        return (self.top + self.bottom) / 2, (self.left + self.right) / 2

    def touches_border(self, shape: tuple[int, ...]) -> bool:
        return self.top == 0 or self.left == 0 or self.bottom == shape[0] or self.right == shape[1]


def components(mask: Mask, certain: Mask) -> tuple[NDArray[np.int32], list[Mark]]:
    """Labels connected ink [height, width], 0 where there is none, and makes a mark of each component that is no speck.

    Args:
        mask: possible ink. Faint pixels count only where they connect to `certain`.
        certain: pixels that are certainly ink.
    """
    labels, count = ndimage.label(mask, EIGHT_NEIGHBOURS)
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    sure = np.bincount(labels[certain], minlength=count + 1)
    marks = [
        Mark(box[0].start, box[1].start, box[0].stop, box[1].stop, frozenset((label,)), int(areas[label]))
        for label, box in enumerate(ndimage.find_objects(labels), 1)
        if max(extent.stop - extent.start for extent in box) >= LEAST_HEIGHT and sure[label] >= LEAST_HEIGHT
    ]
    return labels, marks


def typical_height(marks: Sequence[Mark]) -> float:
    """Returns the median height of marks, weighted by area, so that many specks count little."""
    heights = np.array([mark.height for mark in marks], np.float64)
    return weighted_median(heights, np.array([mark.area for mark in marks], np.float64))


def weighted_median(values: Float64Array, weights: Float64Array) -> float:
    """Returns the value at which half of the total weight is reached."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(reached, reached[-1] / 2)]])


def digit_marks(marks: Sequence[Mark]) -> list[Mark]:
    """Joins the parts of digits, and returns the marks whose size may be a digit's."""
    if not marks:
        return []
    typical = typical_height(marks)
    joined = join_parts([mark for mark in marks if mark.height <= TALLEST * typical], typical)
    return [mark for mark in joined if mark.height >= 2 * SPECK * typical]


def join_parts(marks: Sequence[Mark], typical: float) -> list[Mark]:
    """Joins each part of a digit with the nearest mark that it fits."""
    parts = [mark for mark in marks if mark.height < PART_HEIGHT * typical]
    whole = [mark for mark in marks if mark.height >= PART_HEIGHT * typical]
    for part in sorted(parts, key=lambda mark: -mark.area):
        fitting = [mark for mark in whole if belong_together(mark, part, typical)]
        if fitting:
            nearest = min(fitting, key=lambda mark: gap(mark.top, mark.bottom, part.top, part.bottom))
            whole[whole.index(nearest)] = union((nearest, part))
        else:
            whole.append(part)
    return whole


def belong_together(one: Mark, other: Mark, typical: float) -> bool:
    """Returns whether two marks, one above the other, may be parts of one digit of `typical` height."""
    shared = -gap(one.left, one.right, other.left, other.right)
    apart = gap(one.top, one.bottom, other.top, other.bottom)
    together = max(one.bottom, other.bottom) - min(one.top, other.top)
    narrower = min(one.width, other.width)
    return shared >= JOIN_OVERLAP * narrower and apart <= JOIN_GAP * typical and together <= JOIN_HEIGHT * typical


def gap(start: float, stop: float, other_start: float, other_stop: float) -> float:
    """Returns the distance between two intervals; if they overlap, minus the length of the overlap."""
    return max(start, other_start) - min(stop, other_stop)


def union(marks: Sequence[Mark]) -> Mark:
    """Makes one mark of several."""
    return Mark(
        min(mark.top for mark in marks),
        min(mark.left for mark in marks),
        max(mark.bottom for mark in marks),
        max(mark.right for mark in marks),
        reduce(frozenset.union, (mark.labels for mark in marks)),
        sum(mark.area for mark in marks),
    )


def single_mark(marks: Sequence[Mark], labels: NDArray[np.int32]) -> Mark | None:
    """Returns the digit of a picture that shows a single one, as one mark; None if there are no marks.

    The digit is the mark with most ink in the middle half of the picture. Marks close to it are added, except specks
    and marks that touch the border.
    """
    if not marks:
        return None
    height, width = labels.shape
    middle = labels[height // 4 : height - height // 4, width // 4 : width - width // 4]
    counts = np.bincount(middle.ravel(), minlength=max(label for mark in marks for label in mark.labels) + 1)
    main = max(marks, key=lambda mark: (sum(counts[label] for label in mark.labels), mark.area))
    return union([main, *companions(main, [mark for mark in marks if not mark.touches_border(labels.shape)])])


def companions(main: Mark, marks: Sequence[Mark]) -> Iterator[Mark]:
    """Yields the marks close to `main` that are no specks."""
    reach = JOIN_GAP * max(main.height, main.width)
    for mark in marks:
        apart = max(
            gap(main.top, main.bottom, mark.top, mark.bottom), gap(main.left, main.right, mark.left, mark.right)
        )
        if mark is not main and apart <= reach and max(mark.height, mark.width) >= SPECK * main.height:
            yield mark
