"""Finds the sheet of paper in a photo of a table, and paints the table over with paper.

A sheet is one bright region without dents, with a sharp edge: light that falls off has no edge. The edge of a shadow on
the paper looks the same, so a sheet is an explanation like others (see `search`), no verdict.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from scipy.spatial import ConvexHull

from tinydigits.arrays import Float32Array, Mask
from tinydigits.reader.reading import Box
from tinydigits.reader.segment import EIGHT_NEIGHBOURS

# Longer side, in pixels, of the copy on which the sheet is looked for.
SIDE = 160
# Smaller copies, in pixels along the shorter side, show no table.
LEAST_SIDE = 24
# Strokes narrower than this, in pixels of the copy, do not count.
STROKE = 9
# A sheet covers this share of the picture.
SHARE = (0.1, 0.98)
# A sheet covers at least this share of its convex hull.
SOLID = 0.9
# Within a few pixels, the brightness falls by at least this share at the sheet's edge.
FALL = 0.2
# The sheet is taken to end so many pixels of the copy before its edge.
MARGIN = 2
# Number of grey values between which paper and table are told apart.
BINS = 64


@dataclass(frozen=True, eq=False)
class OnTable:
    """A sheet of paper that lies on a table.

    Attributes:
        picture: the picture with paper in the place of the table, mode L or RGB.
        outside: the boxes of the parts of the table, in pixels of the picture.
    """

    picture: Image.Image
    outside: tuple[Box, ...]


def without_table(picture: Image.Image) -> OnTable | None:
    """Returns a picture of mode L or RGB without the table around the sheet; None if it shows no such sheet."""
    scale = SIDE / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    if min(size) < LEAST_SIDE:
        return None
    small = picture.resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    bright = without_strokes(np.asarray(small.convert("L"), np.float32)[..., None])[..., 0]
    sheet = sheet_in(bright)
    if sheet is None:
        return None
    inside = ndimage.binary_erosion(sheet, iterations=MARGIN, border_value=1)
    return OnTable(painted(picture, small, inside), boxes_of(~sheet, picture.size))


def without_strokes(values: NDArray[Any]) -> NDArray[Any]:
    """Closes dark strokes in a picture [height, width, channels]; beyond its sides it goes on as at its sides."""
    sides = ((STROKE, STROKE), (STROKE, STROKE), (0, 0))
    closed = ndimage.grey_closing(np.pad(values, sides, mode="edge"), (STROKE, STROKE, 1))
    return np.asarray(closed[STROKE:-STROKE, STROKE:-STROKE])


def sheet_in(bright: Float32Array) -> Mask | None:
    """Returns the pixels of the sheet in a picture without strokes; None if there is no sheet."""
    labels, count = ndimage.label(bright > split(bright))
    if count == 0:
        return None
    sheet = ndimage.binary_fill_holes(labels == 1 + np.argmax(np.bincount(labels.ravel())[1:]))
    if not SHARE[0] <= sheet.mean() <= SHARE[1]:
        return None
    if sheet.sum() < SOLID * hull_area(sheet) or fall(bright, sheet) < FALL:
        return None
    return np.asarray(sheet)


def split(values: Float32Array) -> float:
    """Returns the value that separates two kinds of pixels best (Otsu 1979)."""
    counts, edges = np.histogram(values, BINS)
    middles = (edges[1:] + edges[:-1]) / 2
    below, sums = np.cumsum(counts)[:-1], np.cumsum(counts * middles)[:-1]
    total, whole = counts.sum(), (counts * middles).sum()
    between = (sums / total - below / total * whole / total) ** 2 / np.maximum(below * (total - below), 1)
    return float(edges[1 + int(np.argmax(between))])


def hull_area(mask: Mask) -> float:
    """Returns the area of the convex hull of a mask's pixels."""
    rows, columns = np.nonzero(mask & ~ndimage.binary_erosion(mask))
    corners = [np.stack((columns + x, rows + y), axis=1) for x in (0, 1) for y in (0, 1)]
    return float(ConvexHull(np.concatenate(corners)).volume)


def fall(bright: Float32Array, sheet: Mask) -> float:
    """Returns by which share the brightness falls from the inside to the outside of the sheet's edge."""
    within = ndimage.binary_erosion(sheet, iterations=2, border_value=1)
    inner = within & ~ndimage.binary_erosion(sheet, iterations=4, border_value=1)
    outer = ndimage.binary_dilation(sheet, iterations=4) & ~ndimage.binary_dilation(sheet)
    if not inner.any() or not outer.any():
        return 0.0
    return float(1 - np.median(bright[outer]) / max(1.0, float(np.median(bright[inner]))))


def painted(picture: Image.Image, small: Image.Image, inside: Mask) -> Image.Image:
    """Paints each pixel outside with the paper nearest to it."""
    values = np.asarray(small)
    nearest = ndimage.distance_transform_edt(~inside, return_distances=False, return_indices=True)
    paper = without_strokes(values.reshape(*values.shape[:2], -1)).reshape(values.shape)[tuple(nearest)]
    mask = Image.fromarray(255 * inside.astype(np.uint8)).resize(picture.size, Image.Resampling.BILINEAR)
    ground = Image.fromarray(paper).resize(picture.size, Image.Resampling.BILINEAR)
    return Image.composite(picture, ground, mask.point(lambda value: 255 * (value > 127)))


def boxes_of(outside: Mask, size: tuple[int, int]) -> tuple[Box, ...]:
    """Returns the boxes of the connected parts of a mask, in a picture of `size` (width, height)."""
    labels, _ = ndimage.label(outside, EIGHT_NEIGHBOURS)
    down, across = size[1] / outside.shape[0], size[0] / outside.shape[1]
    boxes = []
    for rows, columns in ndimage.find_objects(labels):
        left, top = int(columns.start * across), int(rows.start * down)
        boxes.append((left, top, round(columns.stop * across) - left, round(rows.stop * down) - top))
    return tuple(boxes)
