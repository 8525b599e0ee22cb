"""Finds the ink of a page under difficult light: shadows with sharp edges, a dark table, noise in dark parts.

`ink` estimates the paper on a small copy and finds strokes of any width. On a page strokes are narrow, and the result
of `ink` shows how narrow. The paper can then be estimated at every pixel: the page is closed by a square that is a
little wider than the strokes. The closing removes strokes and keeps all other edges.
"""

import numpy as np
from PIL import Image
from scipy import ndimage

from tinydigits.arrays import Float32Array, Int64Array, Mask, UInt8Images
from tinydigits.reader.ink import NOISE_DEVIATIONS, ONE_DEVIATION_BELOW, Ink, contrast_to, threshold_of

# Side of the closing square, as a multiple of the median run of ink.
CLOSING = 4
# Smallest side of the closing square, in working pixels.
LEAST_CLOSING = 25
# Noise is estimated for each block with this side, in working pixels.
NOISE_BLOCK = 32
# Noise is estimated from every 4th pixel of both axes.
SAMPLE = 4
# Paper is at least this share of the brightest paper, so the grain of a darker table is no ink.
DARKEST_PAPER = 0.3
# Shorter runs of ink, in pixels, are noise.
LEAST_RUN = 2


def page_ink(grey: Float32Array, first: Ink) -> Ink:
    """Finds the ink of a page, given a first estimate of it.

    Args:
        grey: [height, width], 0 to 255, ink dark.
        first: the ink that `ink.find_ink` found; returned unchanged if the page is too small for the closing square.
    """
    # The size is odd, so that closing does not shift the picture.
    size = max(LEAST_CLOSING, round(CLOSING * usual_run(first.contrast > first.threshold))) | 1
    if size >= min(grey.shape) / 2:
        return first
    smooth = blurred(blurred(grey.astype(np.uint8).T).T)
    paper = closed(smooth, size).astype(np.float32)
    paper = np.maximum(paper, DARKEST_PAPER * np.quantile(paper[::8, ::8], 0.9))
    contrast = contrast_to(np.asarray(paper, np.float32), smooth)
    threshold = threshold_of(contrast)
    contrast *= np.minimum(1, threshold / np.maximum(noise_of(contrast), 1e-6))
    return Ink(contrast, threshold, first.scale)


def usual_run(mask: Mask) -> float:
    """Returns the median length, in pixels, of runs of ink in every 4th row and column; 0 if there are none."""
    lengths = np.concatenate([run_lengths(lines) for lines in (mask[::4], mask.T[::4])])
    lengths = lengths[lengths >= LEAST_RUN]
    return float(np.median(lengths)) if len(lengths) else 0.0


def run_lengths(lines: Mask) -> Int64Array:
    """Returns the lengths of all runs of True, line after line."""
    apart = np.pad(lines, ((0, 0), (1, 1))).ravel()
    changes = np.flatnonzero(apart[1:] != apart[:-1])
    return changes[1::2] - changes[::2]


def blurred(grey: UInt8Images) -> UInt8Images:
    """Returns the mean of each pixel and its two neighbours along columns, rounded; beyond the sides it goes on.

    Along both axes it is Pillow's `BoxBlur(1)`, in a fifth of the time.
    """
    wide = np.pad(grey, ((1, 1), (0, 0)), mode="edge").astype(np.uint16)
    return np.asarray((wide[:-2] + wide[1:-1] + wide[2:] + 1) // 3, np.uint8)


def closed(grey: UInt8Images, size: int) -> UInt8Images:
    """Closes a grey image: fills dark parts that a square of `size` pixels, an odd number, does not fit into."""
    brightest = windows(windows(grey, size, np.maximum).T, size, np.maximum)
    return windows(windows(brightest, size, np.minimum).T, size, np.minimum)


def windows(image: UInt8Images, size: int, extreme: np.ufunc) -> UInt8Images:
    """Returns `extreme` of the `size` pixels around each pixel, along columns. The window grows by doubling."""
    before = size // 2
    reached = np.pad(image, ((before, size - 1 - before), (0, 0)), mode="edge")
    width = 1
    while width < size:
        step = min(width, size - width)
        reached = extreme(reached[:-step], reached[step:])
        width += step
    return reached


def noise_of(contrast: Float32Array) -> Float32Array:
    """Returns the contrast that noise may reach at each pixel: [height, width], from the blocks around it."""
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
