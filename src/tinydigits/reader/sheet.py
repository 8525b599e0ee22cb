"""The ink of a level page at the scale at which it is read: a typical digit is so many pixels high.

So the same writing is read alike whatever the size of its picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image
from scipy import ndimage

from tinydigits.arrays import Float32Array, Float64Array
from tinydigits.reader.page import FULL_INK, Page, box_between
from tinydigits.reader.pen import stroke_width
from tinydigits.reader.pieces import Piece, marks_of
from tinydigits.reader.reading import Box
from tinydigits.reader.segment import typical_height

# Height of a typical digit, in pixels.
TALL = 64
# Pictures are enlarged at most so many times.
MOST_ENLARGED = 4.0
# The sheet has at most this many pixels.
MOST_PIXELS = 4_000_000
# Strokes that would become thinner than this, in pixels, are widened before the page is shrunk.
THINNEST = 2.5
# Contrast, as shares of the threshold, that becomes 0 and 1.
RAMP = (0.6, 1.4)
# A pixel belongs to a mark from this much ink.
SOLID = 0.35


@dataclass(frozen=True, eq=False)
class Sheet:
    """The ink of a page, ready to be read.

    Attributes:
        ink: float32 [height, width], 0 to 1.
        contrast: float32 [height, width], how much each pixel differs from the paper, 1 at most.
        marks: its connected marks.
        typical: the height of a typical digit, in pixels of `ink`.
        to_picture: float64 [2, 3], maps (x, y, 1) of the sheet to (x, y) of the picture.
        stroke: the usual width of its strokes, in pixels of `ink`.
        removed: ink that was taken away as ruled lines: its length in typical heights.
        unlikely: whether it needs more evidence than others: the picture was turned, or marks at its sides dropped.
        outside: the boxes, in the picture, of the table around the paper, which is no part of the sheet.
    """

    ink: Float32Array
    contrast: Float32Array
    marks: Sequence[Piece]
    typical: float
    to_picture: Float64Array
    stroke: float
    removed: float
    unlikely: bool = False
    outside: tuple[Box, ...] = ()

    @property
    def scale(self) -> float:
        """How many pixels of the picture, along one axis, are one pixel of the sheet."""
        return float(np.sqrt(abs(np.linalg.det(self.to_picture[:, :2]))))

    @property
    def height(self) -> float:
        """The height of a typical digit, in pixels of the picture."""
        return self.typical * self.scale

    def length(self, marks: Sequence[Piece]) -> float:
        """Returns how long the strokes of some marks are, in typical heights; about 1 for a digit one."""
        area = sum(float(self.ink[mark.rows, mark.columns].sum()) for mark in marks)
        return area / (self.stroke * self.typical)

    def strength(self, marks: Sequence[Piece]) -> float:
        """Returns the contrast of the full ink of some marks: a high quantile, so that single pixels do not matter."""
        values = np.concatenate([self.contrast[mark.rows, mark.columns] for mark in marks])
        place = int(FULL_INK * (len(values) - 1))
        return float(np.partition(values, place)[place])

    def box(self, marks: Sequence[Piece], size: tuple[int, int]) -> Box:
        """Returns the box of some marks in the picture of `size` (width, height)."""
        rows = np.concatenate([mark.rows for mark in marks]) + 0.5
        columns = np.concatenate([mark.columns for mark in marks]) + 0.5
        middles = self.to_picture @ np.stack((columns, rows, np.ones(len(rows))))
        half = np.abs(self.to_picture[:, :2]) @ np.array((0.5, 0.5))
        return box_between(middles.min(axis=1) - half, middles.max(axis=1) + half, size)


def sheet_of(page: Page, removed: float = 0) -> Sheet | None:
    """Scales a page so that its typical digit is `TALL` pixels high; None if it shows no ink.

    Args:
        removed: pixels of ink, on the page, that were taken away as ruled lines.
    """
    if not page.marks:
        return None
    typical = typical_height(page.marks)
    room = np.sqrt(MOST_PIXELS / page.contrast.size)
    scale = min(MOST_ENLARGED, TALL / typical, room)
    thin = stroke_width(page.contrast > page.threshold)
    missing = THINNEST / scale - thin if scale < 1 else 0
    contrast = ndimage.maximum_filter(page.contrast, 1 + round(missing)) if missing > 0 else page.contrast
    contrast = scaled(contrast, scale)
    ink = np.clip((contrast / page.threshold - RAMP[0]) / (RAMP[1] - RAMP[0]), 0, 1)
    height, width = ink.shape
    stroke = max(1.0, stroke_width(ink > SOLID))
    back = np.array((page.contrast.shape[1] / width, page.contrast.shape[0] / height, 1))
    return Sheet(
        ink.astype(np.float32),
        contrast,
        marks_of(ink > SOLID),
        typical * scale,
        page.to_picture * back,
        stroke,
        removed * scale**2 / (stroke * typical * scale),
    )


def upright(sheet: Sheet, slant: float) -> Sheet:
    """Returns the sheet sheared so that strokes which lean to the right by `slant` pixels a row stand upright."""
    height, width = sheet.ink.shape
    lowest, room = height - 1, round(slant * (height - 1))
    # A pixel of the new sheet comes from the column + slant · (lowest - row) - room of the old one.
    back = np.array(((1, -slant, slant * lowest - room), (0, 1, 0), (0, 0, 1)))

    def sheared(values: Float32Array) -> Float32Array:
        moved = ndimage.affine_transform(values, back[1::-1, 1::-1], back[1::-1, 2], (height, width + room), order=1)
        return np.asarray(moved, np.float32)

    ink = sheared(sheet.ink)
    to_picture = sheet.to_picture @ back
    return replace(sheet, ink=ink, contrast=sheared(sheet.contrast), marks=marks_of(ink > SOLID), to_picture=to_picture)


def scaled(contrast: Float32Array, scale: float) -> Float32Array:
    height, width = contrast.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX
    return np.asarray(Image.fromarray(contrast).resize(size, way))
