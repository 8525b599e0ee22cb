"""Lines of no width, and pens that draw them.

A drawing is kept as *distances*: float32 [height, width], how far each pixel is from the nearest line, in pixels. Ink
of any pen follows from them, and two drawings are laid over each other by taking the smaller distance.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from tinydigits.arrays import Float32Array, Float64Array, Mask, UInt8Images

# Distances are this large, in pixels, where no line is near.
FAR = 12.75
# Empty pixels around a tight drawing, so that the widest pen fits.
MARGIN = 7


def thinned(ink: Mask) -> Mask:
    """Returns the skeletons of many pictures, bool [n, height, width] (Zhang and Suen 1984).

    The outermost pixels of each picture must be empty.
    """
    bones = ink.astype(np.uint8)
    before = -1
    while before != (before := int(bones.sum())):
        for removable in TABLES:
            bones[:, 1:-1, 1:-1] &= ~removable[neighbourhoods(bones)] & 1
    return bones.astype(np.bool_)


def neighbourhoods(bones: UInt8Images) -> UInt8Images:
    """Returns the eight neighbours of each inner pixel as bits of a byte, clockwise from the one above."""
    height, width = bones.shape[1:]
    code = np.zeros((len(bones), height - 2, width - 2), np.uint8)
    for bit, (down, right) in enumerate(((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))):
        code |= bones[:, 1 + down : height - 1 + down, 1 + right : width - 1 + right] << bit
    return code


def removal_table(second: bool) -> NDArray[np.uint8]:
    """Returns uint8 [256]: 1 where a pixel with these neighbours may go, in the first or second half of a pass."""
    near = np.arange(256)[:, None] >> np.arange(8) & 1
    count = near.sum(axis=1)
    turns = ((near == 0) & (np.roll(near, -1, axis=1) == 1)).sum(axis=1)
    above, right, below, left = near[:, 0], near[:, 2], near[:, 4], near[:, 6]
    open_sides = (above * right * left == 0) & (above * below * left == 0)
    if not second:
        open_sides = (above * right * below == 0) & (right * below * left == 0)
    return np.asarray((count >= 2) & (count <= 6) & (turns == 1) & open_sides, np.uint8)


TABLES = (removal_table(second=False), removal_table(second=True))


def distances_to(bones: Mask) -> Float32Array:
    """Returns the distances of a drawing with these line pixels."""
    if not bones.any():
        return np.full(bones.shape, FAR, np.float32)
    return np.asarray(np.minimum(ndimage.distance_transform_edt(~bones), FAR), np.float32)


def inked(distances: Float32Array, radius: float) -> Float32Array:
    """Draws lines with a round pen: ink, 0 to 1."""
    return np.asarray(np.clip(radius + 0.5 - distances, 0, 1), np.float32)


def any_pen(rng: np.random.Generator) -> float:
    """Returns the radius of some pen, in pixels of a digit about 40 pixels high: ball pens to brushes."""
    return float(np.exp(rng.uniform(np.log(0.6), np.log(6.5))))


def tight(distances: Float32Array) -> Float32Array:
    """Cuts a drawing to its lines, and puts MARGIN empty pixels around it."""
    near = distances < 1
    rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
    if not len(rows):
        return np.full((2 * MARGIN + 1, 2 * MARGIN + 1), FAR, np.float32)
    wide = np.pad(distances, MARGIN, constant_values=FAR)
    return wide[rows[0] : rows[-1] + 2 * MARGIN + 1, columns[0] : columns[-1] + 2 * MARGIN + 1]


def resized(distances: Float32Array, height: float, stretch: float = 1.0) -> Float32Array:
    """Scales a tight drawing to lines `height` pixels high, and makes it `stretch` times wider as well."""
    factor = height / max(1, distances.shape[0] - 2 * MARGIN)
    factor = min(factor, 90 / max(1.0, stretch * (distances.shape[1] - 2 * MARGIN)))
    size = (max(4, round(distances.shape[1] * factor * stretch)), max(4, round(distances.shape[0] * factor)))
    scaled = np.asarray(Image.fromarray(distances).resize(size, Image.Resampling.BILINEAR))
    return tight(np.minimum(scaled * factor * stretch**0.5, FAR).astype(np.float32))


def slanted(distances: Float32Array, slope: float) -> Float32Array:
    """Leans a drawing to the right by `slope` pixels for each pixel of height."""
    height = len(distances)
    extra = int(abs(slope) * height) + 1
    wide = Image.fromarray(np.pad(distances, ((0, 0), (extra, extra)), constant_values=FAR))
    moved = wide.transform(
        wide.size,
        Image.Transform.AFFINE,
        (1, slope, -slope * height / 2, 0, 1, 0),
        Image.Resampling.BILINEAR,
        fillcolor=FAR,
    )
    return tight(np.asarray(np.asarray(moved) / np.hypot(1, slope / 2), np.float32))


def laid(canvas: Float32Array, drawing: Float32Array, top: int, left: int) -> Mask:
    """Lays a drawing on a canvas, in place; returns where on the canvas it is the nearer one."""
    height, width = canvas.shape
    rows = slice(max(0, top), min(height, top + drawing.shape[0]))
    columns = slice(max(0, left), min(width, left + drawing.shape[1]))
    part = drawing[rows.start - top : max(0, rows.stop - top), columns.start - left : max(0, columns.stop - left)]
    here = canvas[rows, columns]
    nearer = np.zeros(canvas.shape, np.bool_)
    if here.shape == part.shape:
        nearer[rows, columns] = part < here
        np.minimum(here, part, out=here)
    return nearer


def bones_of(lines: list[Float64Array], height: float) -> Float32Array:
    """Draws lines, each float [n, 2] of (row, column) in heights, as a tight drawing `height` pixels high."""
    least = np.min([line.min(axis=0) for line in lines], axis=0)
    most = np.max([line.max(axis=0) for line in lines], axis=0)
    size = np.ceil((most - least) * height).astype(int) + 2 * MARGIN + 1
    bones = np.zeros(tuple(size), np.bool_)
    for line in lines:
        dense = (dense_points(line, height) - least) * height + MARGIN
        rows, columns = np.round(dense).astype(int).T
        bones[rows, columns] = True
    return distances_to(bones)


def dense_points(line: Float64Array, height: float) -> Float64Array:
    """Returns points along a line, less than a pixel apart."""
    steps = np.hypot(*np.diff(line, axis=0).T) * height
    along = np.concatenate(([0.0], np.cumsum(steps)))
    wanted = np.linspace(0, along[-1], int(along[-1] * 1.5) + 2)
    return np.stack([np.interp(wanted, along, line[:, axis]) for axis in (0, 1)], axis=1)
