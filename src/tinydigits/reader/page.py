"""Prepares a picture for cutting into digits: turns rows level and labels connected ink."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from tinydigits.arrays import Float32Array, Float64Array, Mask
from tinydigits.reader.ink import find_ink, grey_of
from tinydigits.reader.lines import without_frame
from tinydigits.reader.pen import widened
from tinydigits.reader.reading import Box
from tinydigits.reader.segment import Mark, components, digit_marks, typical_height
from tinydigits.reader.shade import page_ink
from tinydigits.reader.tilt import FEWEST_MARKS, tilt_of_lines, tilt_of_marks

# Smallest tilt, in degrees, that is corrected.
LEVEL = 1.5
# Faint pixels count as ink, or as a ruling, from this share of the threshold, if they connect to certain ink.
FAINT = 0.45
# The full ink of a mark is this quantile of its contrast, so that single dark pixels do not matter.
FULL_INK = 0.75
# Contrast, as shares of full ink, that becomes 0 and 1. A blurred edge keeps half a pixel on each side of its middle.
RAMP = (0.25, 0.75)


@dataclass(frozen=True, eq=False)
class Page:
    """The ink of a picture with level rows.

    Attributes:
        contrast: float32 [height, width], 0 to 1, ink bright.
        labels: int32 [height, width], the component of each pixel; 0 for none.
        marks: the components that may be digits.
        to_picture: float64 [2, 3], maps (x, y, 1) of the page to (x, y) of the picture.
        threshold: the contrast from which a pixel is certainly ink.
    """

    contrast: Float32Array
    labels: NDArray[np.int32]
    marks: Sequence[Mark]
    to_picture: Float64Array
    threshold: float

    def box(self, mark: Mark, size: tuple[int, int]) -> Box:
        """Returns the mark's box in the picture, which has `size` (width, height)."""
        return placed_box((mark.top, mark.left, mark.bottom, mark.right), self.to_picture, size)

    def strokes(self, mark: Mark) -> Float32Array:
        """Cuts out a mark's ink: float32, 0 to 1, exactly 0 where there is none.

        Its edges are one to two pixels soft. Thin strokes are widened, so the array may be larger than the mark.
        """
        height, width = self.labels.shape
        window = (
            slice(max(0, mark.top - 1), min(height, mark.bottom + 1)),
            slice(max(0, mark.left - 1), min(width, mark.right + 1)),
        )
        own = np.isin(self.labels[window], list(mark.labels))
        contrast = self.contrast[window]
        full = float(np.quantile(contrast[own], FULL_INK))
        ramp = (contrast / full - RAMP[0]) / (RAMP[1] - RAMP[0])
        ink = np.where(ndimage.maximum_filter(own, 3), np.clip(ramp, 0, 1), 0).astype(np.float32)
        return widened(ink, own)


def page_of(image: Image.Image, *, level: bool) -> Page:
    """Finds the ink of a picture of mode L or RGB.

    With `level`, the picture is a page: its rows are turned level, and no ink is removed. Without, it shows one digit,
    and its frame is removed with all ink outside it.
    """
    if level:
        return levelled(inked_page(image))
    ink = find_ink(*grey_of(image))
    mask = without_frame(ink.contrast > ink.threshold)
    return Page(ink.contrast, *components(mask, mask), scaling(ink.scale), ink.threshold)


def inked_page(image: Image.Image) -> Page:
    """Finds the ink of a page of mode L or RGB; its rows are not turned level."""
    grey, scale = grey_of(image)
    ink = page_ink(grey, find_ink(grey, scale))
    return label_page(ink.contrast, ink.threshold, scaling(scale))


def scaling(factor: float) -> Float64Array:
    return np.array([[factor, 0, 0], [0, factor, 0]], np.float64)


def levelled(page: Page) -> Page:
    """Returns the page with its rows turned level."""
    angle = tilt_of(page.labels > 0, page.marks)
    if abs(angle) < LEVEL:
        return page
    level = rotate_page(page, angle)
    return label_page(level.contrast, page.threshold, level.to_picture)


def quarter_turned(page: Page) -> Page:
    """Returns the page turned left by a quarter: its right side becomes the top. No ink is looked for anew."""
    width = page.contrast.shape[1]
    marks = [
        replace(mark, top=width - mark.right, left=mark.top, bottom=width - mark.left, right=mark.bottom)
        for mark in page.marks
    ]
    back = np.array(((0, -1, width), (1, 0, 0), (0, 0, 1)), np.float64)
    contrast, labels = np.ascontiguousarray(np.rot90(page.contrast)), np.ascontiguousarray(np.rot90(page.labels))
    return Page(contrast, labels, marks, page.to_picture @ back, page.threshold)


def placed_box(rectangle: Sequence[int], to_picture: Float64Array, size: tuple[int, int]) -> Box:
    """Returns a rectangle (top, left, bottom, right) as a box in the picture of `size` (width, height).

    Args:
        to_picture: float64 [2, 3], maps (x, y, 1) to (x, y) of the picture.
    """
    top, left, bottom, right = rectangle
    corners = [(x, y, 1) for x in (left, right) for y in (top, bottom)]
    placed = (to_picture @ np.array(corners, np.float64).T).T
    return box_between(placed.min(axis=0), placed.max(axis=0), size)


def box_between(least: Float64Array, most: Float64Array, size: tuple[int, int]) -> Box:
    """Returns the box of whole pixels, in a picture of `size`, that contains all (x, y) from `least` to `most`."""
    start = np.clip(np.floor(least + 1e-6), 0, np.array(size) - 1).astype(int)
    end = np.clip(np.ceil(most - 1e-6), start + 1, size).astype(int)
    return int(start[0]), int(start[1]), int(end[0] - start[0]), int(end[1] - start[1])


def tilt_of(mask: Mask, marks: Sequence[Mark]) -> float:
    """Returns the angle, in degrees, by which rows fall to the right.

    Ruled lines show it; without them the marks do. It is 0 if there are too few marks.
    """
    ruled = tilt_of_lines(mask)
    if ruled is not None:
        return ruled
    found = digit_marks(marks)
    if len(found) < FEWEST_MARKS:
        return 0.0
    return tilt_of_marks(np.array([mark.centre for mark in found]), typical_height(found))


def label_page(contrast: Float32Array, threshold: float, to_picture: Float64Array) -> Page:
    """Makes a page: labels its connected ink."""
    labels, marks = components(contrast > FAINT * threshold, contrast > threshold)
    return Page(contrast, labels, marks, to_picture, threshold)


def rotate_page(page: Page, angle: float) -> Page:
    """Rotates the contrast by `angle` degrees: rows that fall to the right by that angle become level.

    Labels and marks are not rotated; `label_page` makes them anew.
    """
    image = Image.fromarray(page.contrast)
    level = np.asarray(image.rotate(angle, Image.Resampling.BILINEAR, expand=True))
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    rotation = np.array([[cosine, -sine], [sine, cosine]])
    back = np.column_stack((rotation, np.array(image.size) / 2 - rotation @ np.array(level.shape[::-1]) / 2))
    return replace(page, contrast=level, to_picture=page.to_picture[:, :2] @ back)
