"""A picture made ready to be cut up: its ink level, clean and labelled, with the way back to the picture's pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from tinydigits.reader.ink import Ink, find_ink, grey_of, threshold_of
from tinydigits.reader.lines import rulings, without_frame
from tinydigits.reader.pen import widened
from tinydigits.reader.reading import Box
from tinydigits.reader.shade import page_ink
from tinydigits.reader.segment import Mark, components, digit_marks, typical_height
from tinydigits.reader.tilt import FEWEST_MARKS, tilt_of_lines, tilt_of_marks

# Rows that fall by less than this, in degrees, are read as they are.
LEVEL = 1.5
# Rulings are looked for in all that is this share of what is taken for ink.
FAINT_LINE = 0.6
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

    contrast: NDArray[np.float32]
    labels: NDArray[np.int32]
    marks: Sequence[Mark]
    to_picture: NDArray[np.float64]

    def box(self, mark: Mark, size: tuple[int, int]) -> Box:
        """The mark's box in a picture of `size` (width, height)."""
        corners = [(x, y, 1) for x in (mark.left, mark.right) for y in (mark.top, mark.bottom)]
        placed = (self.to_picture @ np.array(corners, np.float64).T).T
        left, top = np.clip(np.floor(placed.min(axis=0) + 1e-6), 0, np.array(size) - 1).astype(int)
        right, bottom = np.clip(np.ceil(placed.max(axis=0) - 1e-6), 1, size).astype(int)
        return int(left), int(top), int(right - left), int(bottom - top)

    def strokes(self, mark: Mark) -> NDArray[np.float32]:
        """A mark's ink, cut out: float32, 0 to 1, exactly 0 where there is none, edges one to two pixels soft.

        Thin strokes are widened, so that it may be larger than the mark.
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
    """The page that a picture of mode L or RGB shows, rows turned level and rulings removed.

    Without `level` it is the cell of one digit: its frame is removed instead. On a page, the outermost rulings would
    pass for a frame, and all beyond them would go.
    """
    grey, scale = grey_of(image)
    ink = find_ink(grey, scale)
    scaling = np.array([[scale, 0, 0], [0, scale, 0]], np.float64)
    if not level:
        return labelled(ink.contrast, without_frame(ink.contrast > ink.threshold), scaling)
    ink = page_ink(grey, ink)
    mask = np.asarray(ink.contrast > ink.threshold)
    plain = labelled(ink.contrast, mask, scaling)
    angle = tilt_of(mask, plain.marks)
    return unruled(plain, ink.threshold) if abs(angle) < LEVEL else turned(plain, ink, mask, angle)


def tilt_of(mask: NDArray[np.bool_], marks: Sequence[Mark]) -> float:
    """Degrees by which rows fall to the right: as ruled lines have it, else as the marks do; 0 without rows."""
    found = digit_marks(marks, mask.shape)
    if len(found) < FEWEST_MARKS:
        return 0.0
    ruled = tilt_of_lines(mask)
    if ruled is not None:
        return ruled
    return tilt_of_marks(np.array([mark.centre for mark in found]), typical_height(found))


def labelled(contrast: NDArray[np.float32], mask: NDArray[np.bool_], to_picture: NDArray[np.float64]) -> Page:
    labels, marks = components(mask)
    return Page(contrast, labels, marks, to_picture)


def unruled(page: Page, threshold: float) -> Page:
    """The page without its ruled lines; the same page where it has none."""
    lines = rulings(page.contrast > FAINT_LINE * threshold)
    if not lines.any():
        return page
    contrast = np.where(lines, np.minimum(page.contrast, 0), page.contrast)
    return labelled(contrast, contrast > max(threshold, threshold_of(contrast)), page.to_picture)


def turned(page: Page, ink: Ink, mask: NDArray[np.bool_], angle: float) -> Page:
    """The page turned by `angle` degrees, so that rows which fell to the right by it are level."""
    kept = np.where(mask_without_border(page, mask), page.contrast, np.minimum(page.contrast, ink.threshold))
    image = Image.fromarray(kept.astype(np.float32))
    level = np.asarray(image.rotate(angle, Image.Resampling.BILINEAR, expand=True))
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    rotation = np.array([[cosine, -sine], [sine, cosine]])
    old_centre = np.array(image.size) / 2
    new_centre = np.array(level.shape[::-1]) / 2
    back = np.column_stack((rotation, old_centre - rotation @ new_centre))
    scaled = page.to_picture[:, :2] @ back
    return unruled(labelled(level, level > ink.threshold, scaled), ink.threshold)


def mask_without_border(page: Page, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where ink may stand: nowhere in marks higher than wide that touch the border, such as a table's edge."""
    outside = [
        label
        for mark in page.marks
        if mark.touches_border(mask.shape) and mark.height > mask.shape[0] / 3
        for label in mark.labels
    ]
    return mask & ~np.isin(page.labels, outside) if outside else mask | True
