"""Finds the marks of a picture that may be digits, and the normalised image of each."""

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

# For each quarter turn: a function of (width, height) that returns the matrix from (x, y, 1) after to (x, y) before it.
UNTURNED: dict[Image.Transpose, Callable[[int, int], list[list[int]]]] = {
    Image.Transpose.ROTATE_90: lambda width, height: [[0, -1, width], [1, 0, 0]],
    Image.Transpose.ROTATE_270: lambda width, height: [[0, 1, 0], [-1, 0, height]],
}


@dataclass(frozen=True, eq=False)
class Layout:
    """Marks in reading order.

    Attributes:
        page: the page of the marks; None for a thumbnail.
        marks: the marks, row by row.
        images: uint8 [n, 28, 28], each mark normalised.
        strengths: float64 [n], the contrast of each mark's full ink.
        size: (width, height) of the picture.
    """

    page: Page | None
    marks: tuple[Mark, ...]
    images: UInt8Images
    strengths: Float64Array
    size: tuple[int, int]

    def box(self, index: int) -> Box:
        """Returns the box of a mark in the picture."""
        mark = self.marks[index]
        if self.page is None:
            return mark.left, mark.top, mark.width, mark.height
        return self.page.box(mark, self.size)

    def chosen(self, indices: Int64Array) -> "Layout":
        """Returns a layout with some of the marks."""
        marks = tuple(self.marks[index] for index in indices.tolist())
        return Layout(self.page, marks, self.images[indices], self.strengths[indices], self.size)

    def text(self, digits: list[str]) -> str:
        """Joins the digits of the marks ("" for a mark that is no digit) with spaces and newlines."""
        return text_of(digits, self.marks, rows_of(self.marks))


def layout_of(image: Image.Image, *, single: bool) -> Layout:
    """Finds the marks of an upright picture of mode L or RGB; `single` and small pictures have at most one."""
    if is_thumbnail(image):
        return thumbnail_layout(image)
    single = single or is_cell(image)
    page = page_of(image, level=not single)
    if single:
        mark = single_mark(page.marks, page.labels)
        return of_marks(page, [] if mark is None else [mark], image.size)
    marks = digit_marks(page.marks)
    return of_marks(page, [marks[index] for row in rows_of(marks) for index in row], image.size)


def digit_image(picture: Image.Image) -> UInt8Images:
    """Returns the one digit in a picture as a normalised image, uint8 [28, 28]; a black one where there is no ink."""
    images = layout_of(picture, single=True).images
    return images[0] if len(images) else np.zeros((SIDE, SIDE), np.uint8)


def of_marks(page: Page, marks: list[Mark], size: tuple[int, int]) -> Layout:
    """Makes the layout of marks on a page: cuts out and normalises each."""
    images = np.zeros((len(marks), SIDE, SIDE), np.uint8)
    strengths = np.zeros(len(marks))
    for index, mark in enumerate(marks):
        ink, strengths[index] = page.strokes(mark)
        images[index] = normalise(ink)
    return Layout(page, tuple(marks), images, strengths, size)


def thumbnail_layout(image: Image.Image) -> Layout:
    """Makes the layout of a thumbnail: one mark, or none."""
    ink = thumbnail_ink(image)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if len(rows) == 0:
        return Layout(None, (), np.zeros((0, SIDE, SIDE), np.uint8), np.zeros(0), image.size)
    box = (int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
    return Layout(None, (Mark(*box, frozenset((1,)), 0),), normalise(ink)[None], np.ones(1), image.size)


def sideways(image: Image.Image) -> Iterator[Layout]:
    """Yields the layouts of the page after a quarter turn to the left and to the right."""
    for turn, unturned in UNTURNED.items():
        turned = layout_of(image.transpose(turn), single=False)
        if turned.page is not None:
            back = np.array(unturned(*image.size), np.float64)
            to_picture = back[:, :2] @ turned.page.to_picture
            to_picture[:, 2] += back[:, 2]
            yield replace(turned, page=replace(turned.page, to_picture=to_picture), size=image.size)
