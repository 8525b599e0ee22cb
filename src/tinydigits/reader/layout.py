"""Where digits may stand in a picture, and what each looks like to a net."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from tinydigits.arrays import Float64Array, Int64Array, UInt8Images
from tinydigits.reader.ink import is_cell, is_thumbnail, thumbnail_ink
from tinydigits.reader.normalise import SIDE, normalise
from tinydigits.reader.page import Page, page_of
from tinydigits.reader.reading import Box
from tinydigits.reader.rows import rows_of, text_of
from tinydigits.reader.segment import Mark, digit_marks, single_mark

# How a quarter turn, as Pillow calls it, takes (x, y, 1) back: the matrix for a picture of this (width, height).
UNTURNED: dict[Image.Transpose, Callable[[int, int], list[list[int]]]] = {
    Image.Transpose.ROTATE_90: lambda width, height: [[0, -1, width], [1, 0, 0]],
    Image.Transpose.ROTATE_270: lambda width, height: [[0, 1, 0], [-1, 0, height]],
}


@dataclass(frozen=True, eq=False)
class Layout:
    """Marks in reading order.

    Attributes:
        page: what they were found on; None for a picture that is one digit and nothing else.
        marks: row by row.
        images: uint8 [n, 28, 28], each mark normalised.
        strengths: float64 [n], the contrast of their ink.
        size: (width, height) of the picture.
    """

    page: Page | None
    marks: tuple[Mark, ...]
    images: UInt8Images
    strengths: Float64Array
    size: tuple[int, int]

    def box(self, index: int) -> Box:
        mark = self.marks[index]
        if self.page is None:
            return mark.left, mark.top, mark.width, mark.height
        return self.page.box(mark, self.size)

    def chosen(self, indices: Int64Array) -> "Layout":
        """Some of its marks."""
        marks = tuple(self.marks[index] for index in indices.tolist())
        return Layout(self.page, marks, self.images[indices], self.strengths[indices], self.size)

    def text(self, digits: list[str]) -> str:
        """Their digits, "" for a mark that is none, with spaces and newlines."""
        return text_of(digits, self.marks, rows_of(self.marks))


def layout_of(image: Image.Image, *, single: bool) -> Layout:
    """The marks of an upright picture of mode L or RGB; with `single`, or in a small picture, all are one."""
    if is_thumbnail(image):
        return thumbnail_layout(image)
    single = single or is_cell(image)
    page = page_of(image, level=not single)
    if single:
        mark = single_mark(page.marks, page.labels)
        return of_marks(page, [] if mark is None else [mark], image.size)
    marks = digit_marks(page.marks)
    return of_marks(page, [marks[index] for row in rows_of(marks) for index in row], image.size)


def of_marks(page: Page, marks: list[Mark], size: tuple[int, int]) -> Layout:
    images = np.zeros((len(marks), SIDE, SIDE), np.uint8)
    strengths = np.zeros(len(marks))
    for index, mark in enumerate(marks):
        ink, strengths[index] = page.strokes(mark)
        images[index] = normalise(ink)
    return Layout(page, tuple(marks), images, strengths, size)


def thumbnail_layout(image: Image.Image) -> Layout:
    """A picture of the size of MNIST's: one digit, or nothing."""
    ink = thumbnail_ink(image)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if len(rows) == 0:
        return Layout(None, (), np.zeros((0, SIDE, SIDE), np.uint8), np.zeros(0), image.size)
    box = (int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
    return Layout(None, (Mark(*box, frozenset((1,)), 0),), normalise(ink)[None], np.ones(1), image.size)


def sideways(image: Image.Image) -> Iterator[Layout]:
    """The layouts of a page that lies on its one side, and on its other."""
    for turn, unturned in UNTURNED.items():
        turned = layout_of(image.transpose(turn), single=False)
        if turned.page is not None:
            back = np.array(unturned(*image.size), np.float64)
            to_picture = back[:, :2] @ turned.page.to_picture
            to_picture[:, 2] += back[:, 2]
            yield replace(turned, page=replace(turned.page, to_picture=to_picture), size=image.size)
