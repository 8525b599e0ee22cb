"""Takes ink off a page that may not be writing: ruled lines, lines along the sides, marks that the sides cut off."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinydigits.arrays import Int64Array, Mask
from tinydigits.reader.ink import threshold_of
from tinydigits.reader.lines import has_corner, rulings, without_frame
from tinydigits.reader.page import FAINT, Page, label_page
from tinydigits.reader.segment import EIGHT_NEIGHBOURS

# A line along a side has this share of its ink within so much of the page's shorter side, and touches the side.
SIDE_ZONE, ALONG_SHARE = 0.15, 0.9
# A ruled line covers this share of a side; its slope, and how far its middle is from straight, as a share of the side.
RULED_SPAN, RULED_SLOPE, RULED_BENT = 0.9, 0.05, 0.01
# Ink touches a side within so many pixels of it.
EDGE = 2


def without_rulings(page: Page) -> tuple[Page, int] | None:
    """Returns the page without its ruled lines, and how many pixels they had; None if it has no ruled lines."""
    lines = rulings(page.contrast > FAINT * page.threshold)
    if not lines.any():
        return None
    contrast = np.where(lines, np.minimum(page.contrast, 0), page.contrast)
    return label_page(contrast, max(page.threshold, threshold_of(contrast)), page.to_picture), int(lines.sum())


def without_sides(page: Page) -> tuple[Page, int] | None:
    """Returns the page without lines along its sides, such as the frame of a cell, and how many pixels they had.

    None if there are no such lines. If other ink touches the sides too, the picture may be cropped to its ink: then
    only ruled lines along a whole side are taken for a frame.
    """
    mask = page.contrast > FAINT * page.threshold
    inner = without_frame(mask)
    framed = mask & ~inner
    if not framed.any() and not edges_of(mask).any():
        return None
    labels, count = ndimage.label(mask & ~framed, EIGHT_NEIGHBOURS)
    lines = framed | (mask & labels_along(labels, count)[labels])
    if edges_of(mask & ~lines & inner).any() and not has_corner(mask):
        labels, count = ndimage.label(mask, EIGHT_NEIGHBOURS)
        lines = mask & ruled_along(labels, count)[labels]
    if not lines.any() or not (mask & ~lines).any():
        return None
    contrast = np.where(ndimage.binary_dilation(lines) & ~(mask & ~lines), np.float32(0), page.contrast)
    threshold = min(page.threshold, threshold_of(contrast))  # a pencil is paler than half of a printed frame
    return label_page(contrast, threshold, page.to_picture), int(lines.sum())


def without_cut_off(page: Page) -> Page | None:
    """Returns the page without the marks that touch its sides, such as the edge of a table; None if all or none do."""
    outside = np.unique(edges_of(page.labels))
    inside = [mark for mark in page.marks if not mark.labels & set(outside.tolist())]
    if not inside or len(inside) == len(page.marks):
        return None
    contrast = np.where(np.isin(page.labels, outside[outside > 0]), np.float32(0), page.contrast)
    return label_page(contrast, page.threshold, page.to_picture)


def labels_along(labels: NDArray[np.int32], count: int) -> Mask:
    """Returns which labels touch a side of the page and lie along it: bool [count + 1]."""
    zone = max(2, round(SIDE_ZONE * min(labels.shape)))
    outer = np.ones(labels.shape, np.bool_)
    outer[zone:-zone, zone:-zone] = False
    areas = np.maximum(np.bincount(labels.ravel(), minlength=count + 1), 1)
    share = np.bincount(labels[outer], minlength=count + 1) / areas
    along = np.zeros(count + 1, np.bool_)
    along[np.unique(edges_of(labels))] = True
    along &= share >= ALONG_SHARE
    along[0] = False
    return along


def ruled_along(labels: NDArray[np.int32], count: int) -> Mask:
    """Returns which labels are straight lines along a whole side of the page: bool [count + 1]."""
    ruled = labels_along(labels, count)
    for label in np.flatnonzero(ruled).tolist():
        rows, columns = np.nonzero(labels == label)
        high, wide = np.ptp(rows) / labels.shape[0], np.ptp(columns) / labels.shape[1]
        ruled[label] = (
            min(high, wide) >= RULED_SPAN
            or is_ruled(rows, columns, labels.shape[0])
            or is_ruled(columns, rows, labels.shape[1])
        )
    return ruled


def is_ruled(along: Int64Array, across: Int64Array, side: int) -> bool:
    """Returns whether pixels are a straight line along a side: no hand draws a bar as straight, level and long.

    Args:
        along, across: int [n], the pixels' places along the side and away from it.
        side: the length of the side, in pixels.
    """
    places, which = np.unique(along, return_inverse=True)
    if len(places) < RULED_SPAN * side:
        return False
    middles = np.bincount(which, across) / np.bincount(which)
    slope, start = np.polyfit(places, middles, 1)
    bent = float(np.sqrt(np.mean((middles - start - slope * places) ** 2)))
    return bool(abs(slope) <= RULED_SLOPE and bent <= max(1.0, RULED_BENT * side))


def edges_of(page: NDArray[Any]) -> NDArray[Any]:
    """Returns the pixels along the sides of a page."""
    return np.concatenate([page[:EDGE].ravel(), page[-EDGE:].ravel(), page[:, :EDGE].ravel(), page[:, -EDGE:].ravel()])
