"""Puts the marks of a level page into reading order, and makes text of them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from tinydigits.reader.segment import Mark

# Smallest gap between two numbers, as a share of the median digit height.
WORD_GAP = 0.6
# A gap between two numbers is also at least this multiple of the page's median gap.
UNUSUAL_GAP = 1.8


def rows_of(marks: Sequence[Mark]) -> list[list[int]]:
    """Returns the positions of the marks of each row: rows from the top, marks from the left.

    A mark joins the row whose last mark is beside it.
    """
    rows: list[list[int]] = []
    for index in sorted(range(len(marks)), key=lambda each: marks[each].left):
        beside = [row for row in rows if are_beside(marks[row[-1]], marks[index])]
        if beside:
            nearest = min(beside, key=lambda row: abs(marks[row[-1]].centre[0] - marks[index].centre[0]))
            nearest.append(index)
        else:
            rows.append([index])
    return sorted(rows, key=lambda row: float(np.mean([marks[index].centre[0] for index in row])))


def are_beside(one: Mark, other: Mark) -> bool:
    """Returns whether the centre of one mark lies between the top and bottom of the other."""
    return one.top < other.centre[0] < one.bottom or other.top < one.centre[0] < other.bottom


def gaps(marks: Sequence[Mark], row: Sequence[int]) -> list[int]:
    """Returns the distance, in working pixels, between each mark of a row and the next."""
    return [marks[after].left - marks[before].right for before, after in pairwise(row)]


def text_of(digits: Sequence[str], marks: Sequence[Mark], rows: Sequence[Sequence[int]]) -> str:
    """Joins digits to text, with spaces between numbers and newlines between rows.

    Args:
        digits: [n], "" for a mark that is no digit.
        marks: [n], the marks of the digits.
        rows: the positions of the marks of each row.
    """
    all_gaps = [gap for row in rows for gap in gaps(marks, row)]
    usual = float(np.median(all_gaps)) if all_gaps else 0.0
    height = float(np.median([mark.height for mark in marks])) if marks else 0.0
    wide = max(WORD_GAP * height, UNUSUAL_GAP * usual)
    lines = (line_of(digits, row, gaps(marks, row), wide) for row in rows)
    return "\n".join(line for line in lines if line)


def line_of(digits: Sequence[str], row: Sequence[int], row_gaps: Sequence[int], wide: float) -> str:
    """Returns the text of one row; a gap wider than `wide` becomes a space."""
    pieces = [digits[row[0]]]
    for index, gap in zip(row[1:], row_gaps, strict=True):
        pieces += [" "] * (gap > wide) + [digits[index]]
    return " ".join("".join(pieces).split())
