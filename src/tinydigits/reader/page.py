"""A picture made ready to be cut up: its ink level, clean and labelled, with the way back to the picture's pixels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from tinydigits.arrays import Float32Array, Float64Array, Mask
from tinydigits.reader.ink import find_ink, grey_of, threshold_of
from tinydigits.reader.lines import rulings, without_frame
from tinydigits.reader.pen import widened
from tinydigits.reader.reading import Box
from tinydigits.reader.segment import Mark, components, digit_marks, typical_height
from tinydigits.reader.shade import page_ink
from tinydigits.reader.tilt import FEWEST_MARKS, tilt_of_lines, tilt_of_marks

# Rows that fall by less than this, in degrees, are read as they are.
LEVEL = 1.5
# Strokes go on where they are fainter than what is certainly ink, down to this share of it; so do rulings.
FAINT = 0.45
# Full ink of a mark is this quantile of its contrast: the core of its strokes, whatever single pixels show.
FULL_INK = 0.75
# From paper to ink, as shares of full ink: a blurred edge is cut at its middle, half a pixel of it kept either side.
RAMP = (0.25, 0.75)


@dataclass(frozen=True, eq=False)
class Page:
    """A picture's ink, its rows level.

    Attributes:
        contrast: float32 [height, width], 0 to 1, ink bright.
        labels: int32 [height, width], which component each pixel is of, 0 for none.
        marks: the components.
        to_picture: float64 [2, 3], (x, y, 1) here → (x, y) in the picture.
    """

    contrast: Float32Array
    labels: NDArray[np.int32]
    marks: Sequence[Mark]
    to_picture: Float64Array

    def box(self, mark: Mark, size: tuple[int, int]) -> Box:
        """The mark's box in a picture of `size` (width, height)."""
        corners = [(x, y, 1) for x in (mark.left, mark.right) for y in (mark.top, mark.bottom)]
        placed = (self.to_picture @ np.array(corners, np.float64).T).T
        left, top = np.clip(np.floor(placed.min(axis=0) + 1e-6), 0, np.array(size) - 1).astype(int)
        right, bottom = np.clip(np.ceil(placed.max(axis=0) - 1e-6), 1, size).astype(int)
        return int(left), int(top), int(right - left), int(bottom - top)

    def strokes(self, mark: Mark) -> tuple[Float32Array, float]:
        """A mark's ink, cut out, and the contrast of its full ink.

        The first is float32, 0 to 1, exactly 0 where there is none, edges one to two pixels soft; thin strokes are
        widened, so that it may be larger than the mark.
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
        return widened(ink, own), full


def page_of(image: Image.Image, *, level: bool) -> Page:
    """The page that a picture of mode L or RGB shows, rows turned level and rulings removed.

    Without `level` it is the cell of one digit: its frame is removed instead. On a page, the outermost rulings would
    pass for a frame, and all beyond them would go.
    """
    grey, scale = grey_of(image)
    ink = find_ink(grey, scale)
    scaling = np.array([[scale, 0, 0], [0, scale, 0]], np.float64)
    if not level:
        mask = without_frame(ink.contrast > ink.threshold)
        return Page(ink.contrast, *components(mask, mask), scaling)
    ink = page_ink(grey, ink)
    plain = labelled(ink.contrast, ink.threshold, scaling)
    angle = tilt_of(plain.labels > 0, plain.marks)
    if abs(angle) >= LEVEL:
        plain = turned(plain, angle)
        plain = labelled(plain.contrast, ink.threshold, plain.to_picture)
    return inner(unruled(plain, ink.threshold), image.size)


def tilt_of(mask: Mask, marks: Sequence[Mark]) -> float:
    """Degrees by which rows fall to the right: as ruled lines have it, else as the marks do; 0 without rows."""
    ruled = tilt_of_lines(mask)
    if ruled is not None:
        return ruled
    found = digit_marks(marks)
    if len(found) < FEWEST_MARKS:
        return 0.0
    return tilt_of_marks(np.array([mark.centre for mark in found]), typical_height(found))


def labelled(contrast: Float32Array, threshold: float, to_picture: Float64Array) -> Page:
    labels, marks = components(contrast > FAINT * threshold, contrast > threshold)
    return Page(contrast, labels, marks, to_picture)


def unruled(page: Page, threshold: float) -> Page:
    """The page without its ruled lines; the same page where it has none."""
    lines = rulings(page.contrast > FAINT * threshold)
    if not lines.any():
        return page
    contrast = np.where(lines, np.minimum(page.contrast, 0), page.contrast)
    return labelled(contrast, max(threshold, threshold_of(contrast)), page.to_picture)


def turned(page: Page, angle: float) -> Page:
    """The contrast of the page turned by `angle` degrees, so that rows which fell to the right by it are level."""
    image = Image.fromarray(page.contrast)
    level = np.asarray(image.rotate(angle, Image.Resampling.BILINEAR, expand=True))
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    rotation = np.array([[cosine, -sine], [sine, cosine]])
    back = np.column_stack((rotation, np.array(image.size) / 2 - rotation @ np.array(level.shape[::-1]) / 2))
    return replace(page, contrast=level, to_picture=page.to_picture[:, :2] @ back)


def inner(page: Page, size: tuple[int, int]) -> Page:
    """The page without marks that reach out of the picture, of `size`, such as a table's edge; all where all do."""
    width, height = size
    steps = np.linspace(0, 1, 2 * max(page.contrast.shape))
    ends, zeros = np.ones_like(steps), np.zeros_like(steps)
    sides = ((steps, zeros), (steps, ends), (zeros, steps), (ends, steps))
    edge = np.concatenate([np.column_stack((x * width, y * height)) for x, y in sides])
    there = np.linalg.solve(page.to_picture[:, :2], (edge - page.to_picture[:, 2]).T)
    # One and a half working pixels inwards, where a turned picture is not yet faded out.
    middle = np.array(page.contrast.shape[::-1])[:, None] / 2
    columns, rows = (there - 1.5 * np.sign(there - middle)).astype(np.int64)
    inside = (columns >= 0) & (rows >= 0) & (columns < page.labels.shape[1]) & (rows < page.labels.shape[0])
    outside = set(np.unique(page.labels[rows[inside], columns[inside]]).tolist())
    marks = [mark for mark in page.marks if not mark.labels & outside]
    return replace(page, marks=marks) if marks else page
