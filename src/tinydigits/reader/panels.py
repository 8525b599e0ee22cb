"""Finds pictures within a picture, such as a dark canvas on a bright page, and shows their ink on the page's paper.

A screenshot of a drawing canvas, and what `plt.imshow` draws, show digits on a filled rectangle whose ground differs
from the page around it, or in a box of lines. All ink of a page is looked for as darker, or as brighter, than its
paper: with a panel it is both. And a box is no digit.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from tinydigits.arrays import Float32Array, Mask, UInt8Images
from tinydigits.reader.ink import is_thumbnail, shrunk

# Longer side, in pixels, of the copy on which panels are looked for.
LOOKED_AT = 480
# Pixels differ if one of their channels does by more than this, of 255.
ALIKE = 40
# Share of the pixels along the picture's sides that are alike where it is a page with panels.
EVEN_SIDES = 0.9
# Share of a panel that is its ground, and of each of its sides that is straight: corners may be round.
GROUND_SHARE, STRAIGHT = 0.5, 0.8
# What is thinner, such as the ticks of an axis and the letters of a title, is no panel, in pixels of the copy.
THIN = 11
# A panel's shorter side, in pixels of the copy.
LEAST_SIDE = 24
# Ink is in a box if it takes this share of its height.
INKED = 0.2
# So many pixels of the copy around a panel's edge become paper: its outline, and what is blurred.
EDGE = 3

# A rectangle of an array: rows and columns.
Window = tuple[slice, slice]


def without_panels(picture: Image.Image) -> Image.Image:
    """Returns a picture of mode L or RGB whose panels show their ink on the page's own paper; thumbnails have none."""
    if is_thumbnail(picture):
        return picture
    small, scale = shrunk(picture, LOOKED_AT)
    panels = panels_of(channels(small))
    if not panels:
        return picture
    pixels = channels(picture).astype(np.float32)
    paper = np.median(sides_of(pixels), axis=0)
    for panel in panels:
        put_on_paper(pixels, window_of(panel, scale), max(1, round(EDGE * scale)), paper)
    return Image.fromarray(pixels.astype(np.uint8).reshape(np.asarray(picture).shape))


def panels_of(pixels: UInt8Images) -> list[Window]:
    """Returns the filled rectangles, and those of lines around ink, of a picture [height, width, channels]."""
    sides = sides_of(pixels)
    paper = np.median(sides, axis=0)
    if np.mean(alike_pixels(sides, paper)) < EVEN_SIDES:
        return []
    blank, count = ndimage.label(alike_pixels(pixels, paper))
    at_sides = np.zeros(count + 1, np.bool_)
    at_sides[sides_of(blank[..., None])] = True
    at_sides[0] = False
    page = at_sides[blank]
    if page.all():
        return []
    whole = ndimage.maximum_filter(ndimage.minimum_filter(~page, THIN), THIN)
    filled = [window for own, window in connected(ndimage.label(whole)[0]) if is_panel(own, pixels[window], paper)]
    boxes = [window for own, window in connected(np.where(page, 0, blank)) if is_box(own)]
    return filled + boxes


def connected(labels: NDArray[np.int32]) -> Iterator[tuple[Mask, Window]]:
    """Yields each label's box, before it which pixels of the box have the label."""
    for label, window in enumerate(ndimage.find_objects(labels), 1):
        if window is not None:
            yield labels[window] == label, window


def is_panel(own: Mask, pixels: UInt8Images, paper: Float32Array) -> bool:
    """Returns whether connected pixels are a rectangle with an even ground that is not the paper's.

    Args:
        own: bool [height, width], which pixels of its box are connected.
        pixels: uint8 [height, width, channels] of its box.
    """
    ground = ground_of(pixels)
    even = np.mean(alike_pixels(pixels, ground)) >= GROUND_SHARE
    return bool(is_rectangle(own) and even and not alike(ground, paper))


def is_box(own: Mask) -> bool:
    """Returns whether connected paper is a rectangle with ink in it: lines enclose it."""
    return is_rectangle(own) and bool((~own).any(axis=1).mean() >= INKED)


def is_rectangle(own: Mask) -> bool:
    """Returns whether the sides of a box are nearly filled."""
    return min(own.shape) >= LEAST_SIDE and all(
        np.mean(side) >= STRAIGHT for side in (own[0], own[-1], own[:, 0], own[:, -1])
    )


def put_on_paper(pixels: Float32Array, panel: Window, edge: int, paper: Float32Array) -> None:
    """Gives a panel the page's paper, and its ink the darkest or brightest colour, in place.

    Args:
        pixels: float32 [height, width, channels] of the page.
        edge: width of the panel's outline, in pixels.
        paper: float32 [channels].
    """
    inside = pixels[panel]
    difference = np.abs(inside - ground_of(inside)).max(axis=-1)
    difference[:edge] = difference[-edge:] = difference[:, :edge] = difference[:, -edge:] = 0
    difference[ndimage.binary_dilation(corners_of(alike(inside, paper)), iterations=edge)] = 0
    contrast = difference / max(float(difference.max()), ALIKE)
    ink = 0 if paper.mean() > 127 else 255
    around = tuple(slice(max(0, each.start - edge), each.stop + edge) for each in panel)
    pixels[around] = paper
    pixels[panel] = paper + contrast[..., None] * (ink - paper)


def corners_of(blank: Mask) -> Mask:
    """Returns the paper beyond the round corners of a panel: what is connected with a corner of its box."""
    labels, _ = ndimage.label(blank)
    touching = {int(labels[row, column]) for row in (0, -1) for column in (0, -1)} - {0}
    return np.isin(labels, list(touching))


def window_of(panel: Window, scale: float) -> Window:
    """Returns the same rectangle in a picture of `scale` times as many pixels along each axis."""
    rows, columns = (slice(round(each.start * scale), round(each.stop * scale)) for each in panel)
    return rows, columns


def channels(picture: Image.Image) -> UInt8Images:
    """Returns a picture's pixels, uint8 [height, width, channels]."""
    return np.atleast_3d(np.asarray(picture))


def sides_of(pixels: NDArray[Any]) -> NDArray[Any]:
    """Returns the pixels along the sides, [n, channels]."""
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def ground_of(pixels: NDArray[Any]) -> Float32Array:
    """Returns the colour of most of a panel, float32 [channels]."""
    return np.asarray(np.median(pixels, axis=(0, 1)), np.float32)


def alike(pixels: NDArray[Any], colour: Float32Array) -> Mask:
    """Returns which pixels [..., channels] have nearly this colour."""
    return np.asarray((np.abs(pixels - colour) <= ALIKE).all(axis=-1))


def alike_pixels(pixels: UInt8Images, colour: Float32Array) -> Mask:
    """Returns the same as `alike`. Looking values up in a table of 256 per channel is four times as fast."""
    near = np.abs(np.arange(256)[:, None] - colour) <= ALIKE
    each = [near[:, channel][pixels[..., channel]] for channel in range(pixels.shape[-1])]
    return np.asarray(np.logical_and.reduce(each))
