"""Finds the ink of a picture, for any pen, paper and light: strokes become bright, paper becomes about 0.

The paper's brightness is estimated on a small copy of the picture, where wide filters are cheap. Ink is what differs
from that estimate.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from tinydigits.arrays import Float32Array, UInt8Images

# Largest side, in pixels, of a thumbnail: a picture of one digit, like those of MNIST. Thumbnails are not filtered.
THUMBNAIL = 40
# Smaller pictures are enlarged to this shorter side, in pixels, but at most four times.
LEAST_SIDE = 120
MOST_ENLARGED = 4
# Larger pictures are shrunk to this longer side, in pixels. Digits of a page are then still about 20 pixels high.
WORKING_SIDE = 1280
# Grey that the paper of a coloured picture becomes.
PAPER = 200
# A channel shows ink if the paper's value in it leaves at least this much room for it, of 255.
LEAST_RANGE = 50
# Longer side, in pixels, of the copy on which the paper is estimated.
PAPER_SIDE = 160
# Widest stroke, as a share of the picture's shorter side. Wider dark parts are paper, shadow or table.
WIDEST_STROKE = 1 / 5
# Smallest contrast, 0 to 1, of ink in any picture. Creases and the grain of paper lie below it.
LEAST_CONTRAST = 0.07
# Ink exceeds the noise by this many standard deviations. One pixel of pure noise in 30,000 does so as well.
NOISE_DEVIATIONS = 4
# Share of a normal distribution that lies more than one standard deviation below its median; used to measure noise.
ONE_DEVIATION_BELOW = 0.1587
# Side, in pixels, of the blocks whose darkest pixels show how dark the ink of a picture is.
BLOCK = 8
# A digit covers at least this many blocks.
FEWEST_BLOCKS = 3
# A pixel belongs to a stroke from this share of full contrast.
EDGE = 0.4


@dataclass(frozen=True, eq=False)
class Ink:
    """The ink of a picture.

    Attributes:
        contrast: float32 [height, width], at most 1, ink bright. Paper is near 0; its noise is positive or negative.
        threshold: the contrast from which a pixel is ink; 1 if the picture shows no ink.
        scale: how many pixels of the picture, along one axis, are one pixel of `contrast`.
    """

    contrast: Float32Array
    threshold: float
    scale: float


def is_thumbnail(image: Image.Image) -> bool:
    """Returns whether a picture is a thumbnail, which shows one digit."""
    return max(image.size) <= THUMBNAIL


def thumbnail_ink(image: Image.Image) -> Float32Array:
    """Returns the ink of a thumbnail: float32 [height, width], 0 to 1, exactly 0 on the background.

    Bright ink on an even background keeps its shape; only its brightness is multiplied by a factor.
    """
    grey = np.asarray(image.convert("L"), np.float32)
    border = np.concatenate((grey[0], grey[-1], grey[:, 0], grey[:, -1]))
    ground = middle(border)
    contrast = grey - ground if grey.mean() >= ground else ground - grey
    noise = 4 * middle(np.abs(border - ground))
    contrast[contrast <= noise] = 0
    return np.asarray(contrast / max(contrast.max(), 1), np.float32)


def middle(values: Float32Array) -> float:
    """Returns the median of an even number of values. `numpy.median` costs 30 µs, a tenth of the time for a digit."""
    ordered = np.sort(values)
    half = len(values) // 2
    return float(ordered[half - 1] + ordered[half]) / 2


def find_ink(grey: Float32Array, scale: float) -> Ink:
    """Finds the ink of a grey picture, as `grey_of` returns it."""
    contrast = contrast_to(paper_of(grey), grey)
    return Ink(contrast, threshold_of(contrast), scale)


def grey_of(image: Image.Image) -> tuple[Float32Array, float]:
    """Converts a picture to grey, shrinks it to working size and makes its ink dark.

    Returns:
        Grey float32 [height, width], 0 to 255, and how many pixels of the picture are one of its pixels.
    """
    small, scale = shrunk(image, WORKING_SIDE) if min(image.size) >= LEAST_SIDE else enlarged(image)
    return dark_ink(small), scale


def contrast_to(paper: Float32Array, grey: NDArray[Any]) -> Float32Array:
    """Returns how much darker than the paper each pixel is, as a share of the paper; the median is 0."""
    contrast: Float32Array = np.divide(grey, np.maximum(paper, 1), dtype=np.float32)
    np.subtract(1 - np.median(1 - contrast[::4, ::4]), contrast, out=contrast)
    return contrast


def shrunk(image: Image.Image, side: int) -> tuple[Image.Image, float]:
    """Shrinks a picture to a longer side of at most `side`; also returns the number of old pixels per new one."""
    scale = max(1.0, max(image.size) / side)
    if scale == 1.0:
        return image, scale
    width, height = (max(1, round(extent / scale)) for extent in image.size)
    return image.resize((width, height), Image.Resampling.BOX, reducing_gap=2.0), scale


def enlarged(image: Image.Image) -> tuple[Image.Image, float]:
    """Enlarges a small picture; also returns the number of old pixels per new one."""
    factor = min(MOST_ENLARGED, LEAST_SIDE / min(image.size), max(1.0, WORKING_SIDE / max(image.size)))
    width, height = (max(1, round(extent * factor)) for extent in image.size)
    return image.resize((width, height), Image.Resampling.BICUBIC), 1 / factor


def dark_ink(image: Image.Image) -> Float32Array:
    """Converts a picture to grey float32 [height, width], 0 to 255, with dark ink on bright paper.

    The ink may be darker or brighter than the paper, and differ from it in any colour. Both are tried, and that grey
    picture is returned whose differences from the local mean are most skewed towards dark: ink covers less area than
    paper.
    """
    if image.mode == "L":
        grey = np.asarray(image, np.float32)
        greys = [grey, 255 - grey]
    else:
        greys = greys_of(np.asarray(image))
    return min(greys, key=skewness)


def skewness(grey: Float32Array) -> float:
    """Returns how much the differences from the local mean are skewed: below 0 if a few pixels are dark."""
    sample = np.asarray(shrunk(Image.fromarray(grey), 2 * PAPER_SIDE)[0])
    difference = sample - ndimage.uniform_filter(sample, max(3, max(sample.shape) // 4))
    return float((difference**3).mean())


def greys_of(pixels: UInt8Images) -> list[Float32Array]:
    """Returns the grey pictures of a coloured one: for ink darker than the paper and for brighter ink, made dark.

    Each channel is first scaled by the paper's colour, so coloured paper becomes even. Each pixel then takes the
    channel that differs most: a red pen is dark in green and blue. A channel in which the paper is nearly black shows
    no darker ink, and one in which it is nearly white no brighter ink.
    """
    paper = np.median(pixels[::8, ::8].reshape(-1, 3), axis=0)
    values = np.arange(256)[:, None]
    # Looking values up in a table of 256 per channel is faster than arithmetic on every pixel.
    darker = np.clip(values * (PAPER / np.maximum(paper, 1)), 0, 255).astype(np.uint8)
    brighter = np.clip(PAPER - (values - paper) * (PAPER / np.maximum(255 - paper, 1)), 0, 255).astype(np.uint8)
    return [
        np.minimum.reduce([np.take(table[:, each], pixels[..., each]) for each in channels]).astype(np.float32)
        for table, channels in (
            (darker, np.flatnonzero(paper >= LEAST_RANGE)),
            (brighter, np.flatnonzero(255 - paper >= LEAST_RANGE)),
        )
        if len(channels)
    ]


def paper_of(grey: Float32Array) -> Float32Array:
    """Estimates the paper without ink: closes dark strokes on a small copy and smooths the result."""
    height, width = grey.shape
    small = np.asarray(shrunk(Image.fromarray(grey), PAPER_SIDE)[0])
    size = max(3, round(min(small.shape) * WIDEST_STROKE))
    closed = ndimage.uniform_filter(ndimage.grey_closing(small, (size, size)), max(1, size // 4))
    return np.asarray(Image.fromarray(closed).resize((width, height), Image.Resampling.BILINEAR))


def threshold_of(contrast: Float32Array) -> float:
    """Returns the contrast from which a pixel is ink; 1 if nothing exceeds the noise.

    The blocks that contain ink show how dark the ink is. Otsu's threshold does not work here: it needs more ink, and a
    page has about one pixel of ink in a hundred. Blocks in the middle are used first, because the frame of a cell is
    darker than a pencil.
    """
    sample = contrast[::4, ::4]
    noise = float(np.median(sample) - np.quantile(sample, ONE_DEVIATION_BELOW))
    least = max(LEAST_CONTRAST, NOISE_DEVIATIONS * noise)
    peaks = block_maxima(contrast)
    rows, columns = (extent // 5 for extent in peaks.shape)
    middle = peaks[rows : len(peaks) - rows, columns : peaks.shape[1] - columns]
    inked = next((part[part > least] for part in (middle, peaks) if (part > least).sum() >= FEWEST_BLOCKS), ())
    return max(least, EDGE * float(np.median(inked))) if len(inked) else 1.0


def block_maxima(contrast: Float32Array) -> Float32Array:
    """Returns the largest value of each complete block, [rows, columns]."""
    height, width = (extent // BLOCK * BLOCK for extent in contrast.shape)
    # Reducing rows first reads values that lie side by side in memory: a fifth of the time of both axes at once.
    strips = contrast[:height, :width].reshape(height // BLOCK, BLOCK, width).max(axis=1)
    return np.asarray(strips.reshape(height // BLOCK, width // BLOCK, BLOCK).max(axis=2))
