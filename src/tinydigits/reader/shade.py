"""The ink of a page, whatever falls on it: shadows with sharp edges, a dark table around it, noise where it is dark.

`ink` looks at a picture as a whole and finds strokes of any width. On a page strokes are narrow, and that is known once
the first look has found them: paper can then be told from them pixel by pixel, as the closing of the picture by a
square a little wider than strokes, which follows every edge that is not one of a stroke.
"""

import numpy as np
from PIL import Image, ImageFilter
from scipy import ndimage

from tinydigits.arrays import Float32Array, Int64Array, Mask, UInt8Images
from tinydigits.reader.ink import NOISE_DEVIATIONS, ONE_DEVIATION_BELOW, Ink, contrast_to, threshold_of

# The square is this many times as wide as the usual run of ink,
CLOSING = 4
# and at least this many working pixels.
LEAST_CLOSING = 25
# Noise is told apart for every block of so many pixels a side.
NOISE_BLOCK = 32
# Of which every so-manieth along both axes is looked at.
SAMPLE = 4
# Paper in shadow is brighter than this share of the brightest; a table is often darker, and its grain no ink.
DARKEST_PAPER = 0.3
# Runs of fewer pixels are noise, not strokes.
LEAST_RUN = 2


def page_ink(grey: Float32Array, first: Ink) -> Ink:
    """The ink of a page that has been looked at once.

    Args:
        grey: [height, width], 0 to 255, ink dark.
        first: what the first look found in it.
    """
    # Odd, so that what a square brightens and darkens again lies where it lay.
    size = max(LEAST_CLOSING, round(CLOSING * usual_run(first.contrast > first.threshold))) | 1
    if size >= min(grey.shape) / 2:
        return first
    smooth = np.asarray(Image.fromarray(grey.astype(np.uint8)).filter(ImageFilter.BoxBlur(1)))
    paper = closed(smooth, size).astype(np.float32)
    paper = np.maximum(paper, DARKEST_PAPER * np.quantile(paper[::8, ::8], 0.9))
    contrast = contrast_to(np.asarray(paper, np.float32), smooth)
    threshold = threshold_of(contrast)
    contrast *= np.minimum(1, threshold / np.maximum(noise_of(contrast), 1e-6))
    return Ink(contrast, threshold, first.scale)


def usual_run(mask: Mask) -> float:
    """The median length, in pixels, of runs of ink along a sample of rows and columns; 0 without any."""
    lengths = np.concatenate([run_lengths(lines) for lines in (mask[::4], mask.T[::4])])
    lengths = lengths[lengths >= LEAST_RUN]
    return float(np.median(lengths)) if len(lengths) else 0.0


def run_lengths(lines: Mask) -> Int64Array:
    """The lengths of all runs of True in each line."""
    apart = np.pad(lines, ((0, 0), (1, 1))).ravel()
    changes = np.flatnonzero(apart[1:] != apart[:-1])
    return changes[1::2] - changes[::2]


def closed(grey: UInt8Images, size: int) -> UInt8Images:
    """Dark parts in which no square of `size` pixels, an odd number, fits, filled with the brightness around them."""
    brightest = windows(windows(grey, size, np.maximum).T, size, np.maximum)
    return windows(windows(brightest, size, np.minimum).T, size, np.minimum)


def windows(image: UInt8Images, size: int, extreme: np.ufunc) -> UInt8Images:
    """`extreme` of the `size` pixels around each along the columns, found by doubling."""
    before = size // 2
    reached = np.pad(image, ((before, size - 1 - before), (0, 0)), mode="edge")
    width = 1
    while width < size:
        step = min(width, size - width)
        reached = extreme(reached[:-step], reached[step:])
        width += step
    return reached


def noise_of(contrast: Float32Array) -> Float32Array:
    """What a pixel must exceed not to be noise, by the blocks around it: [height, width]."""
    side = NOISE_BLOCK // SAMPLE
    sample = contrast[::SAMPLE, ::SAMPLE]
    height, width = (extent // side * side for extent in sample.shape)
    if not height or not width:
        return np.zeros_like(contrast)
    blocks = sample[:height, :width].reshape(height // side, side, width // side, side).swapaxes(1, 2)
    ordered = np.sort(blocks.reshape(*blocks.shape[:2], -1), axis=2)
    count = ordered.shape[2]
    spread = ordered[..., count // 2] - ordered[..., int(count * ONE_DEVIATION_BELOW)]
    field = Image.fromarray(np.asarray(NOISE_DEVIATIONS * ndimage.minimum_filter(spread, 3), np.float32))
    return np.asarray(field.resize(contrast.shape[::-1], Image.Resampling.BILINEAR))
