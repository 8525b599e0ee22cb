"""A picture → its ink: bright strokes on 0, whatever the pen, the paper and the light.

Paper is estimated on a small copy of the picture, where wide filters cost nothing; ink is what differs from it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from tinydigits.arrays import Float32Array

# Pictures up to this side, in pixels, show one digit, as those of MNIST do: every pixel counts, and is left alone.
THUMBNAIL = 40
# Pictures up to this side show one digit as well, perhaps within the frame of a cell.
CELL = 100
# Larger pictures are worked on at this many pixels along their longer side, which leaves a page's digits 20 high.
WORKING_SIDE = 1280
# The paper is estimated on a copy of this side.
PAPER_SIDE = 160
# A stroke is narrower than this share of the picture's shorter side; what is wider is paper, shadow or table.
WIDEST_STROKE = 1 / 5
# Less contrast than this is no ink, however clean the picture: creases and the grain of paper.
LEAST_CONTRAST = 0.07
# What noise, in standard deviations, is still taken for ink is a speck: one pixel in 30,000, and seldom two together.
NOISE_DEVIATIONS = 4
# This share of a normal distribution lies more than one standard deviation below its median; ink lies above.
ONE_DEVIATION_BELOW = 0.1587
# The side, in pixels, of the blocks whose darkest pixel tells how dark ink is in this picture.
BLOCK = 8
# Fewer blocks with ink than this are no digit.
FEWEST_BLOCKS = 3
# The share of full contrast from which a pixel belongs to a stroke.
EDGE = 0.4


@dataclass(frozen=True, eq=False)
class Ink:
    """The ink of a picture.

    Attributes:
        contrast: float32 [height, width], up to 1, ink bright; paper near 0, the noise of it on both sides.
        threshold: the contrast from which a pixel is ink; 1 where the picture shows none.
        scale: pixels of the picture for each of `contrast`.
    """

    contrast: Float32Array
    threshold: float
    scale: float


def is_thumbnail(image: Image.Image) -> bool:
    """Whether a picture is so small that it shows one digit."""
    return max(image.size) <= THUMBNAIL


def is_cell(image: Image.Image) -> bool:
    """Whether a picture shows one digit, perhaps with a frame."""
    return max(image.size) <= CELL


def thumbnail_ink(image: Image.Image) -> Float32Array:
    """The ink of a small picture of one digit: float32 [height, width], 0 to 1, exactly 0 on the ground.

    Bright ink on an even ground comes back as it was, but for a factor.
    """
    grey = np.asarray(image.convert("L"), np.float32)
    border = np.concatenate((grey[0], grey[-1], grey[:, 0], grey[:, -1]))
    ground = middle(border)
    contrast = grey - ground if grey.mean() >= ground else ground - grey
    noise = 4 * middle(np.abs(border - ground))
    contrast[contrast <= noise] = 0
    return np.asarray(contrast / max(contrast.max(), 1), np.float32)


def middle(values: Float32Array) -> float:
    """The median of an even number of values, where the overhead of NumPy's, 30 µs, would be a tenth of all work."""
    ordered = np.sort(values)
    half = len(values) // 2
    return float(ordered[half - 1] + ordered[half]) / 2


def find_ink(grey: Float32Array, scale: float) -> Ink:
    """The ink of a picture as `grey_of` gives it."""
    contrast = contrast_to(paper_of(grey), grey)
    return Ink(contrast, threshold_of(contrast), scale)


def grey_of(image: Image.Image) -> tuple[Float32Array, float]:
    """Grey [height, width], 0 to 255, ink dark, of working size; pixels of the picture for each of its."""
    small, scale = shrunk(image, WORKING_SIDE)
    return dark_on_bright(single_channel(small)), scale


def contrast_to(paper: Float32Array, grey: NDArray[Any]) -> Float32Array:
    """How much darker than the paper each pixel is, as a share of it; 0 at the median."""
    contrast: Float32Array = np.divide(grey, np.maximum(paper, 1), dtype=np.float32)
    np.subtract(1 - np.median(1 - contrast[::4, ::4]), contrast, out=contrast)
    return contrast


def shrunk(image: Image.Image, side: int) -> tuple[Image.Image, float]:
    """The picture with its longer side at most `side` pixels, and how many old pixels make a new one."""
    scale = max(1.0, max(image.size) / side)
    if scale == 1.0:
        return image, scale
    width, height = (max(1, round(extent / scale)) for extent in image.size)
    return image.resize((width, height), Image.Resampling.BOX, reducing_gap=2.0), scale


def single_channel(image: Image.Image) -> Float32Array:
    """Grey float32 [height, width], 0 to 255, on which pens of every colour are far from the paper.

    Of the three channels, each relative to the paper's own colour, the one that differs most from it: a red pen is
    dark in green and blue, and yellow paper, dark in blue, is as white as any.
    """
    if image.mode == "L":
        return np.asarray(image, np.float32)
    pixels = np.asarray(image)
    paper = np.maximum(np.median(pixels[::8, ::8].reshape(-1, 3), axis=0), 1)
    # One table of 256 for each channel is quicker than arithmetic on every pixel.
    table = np.clip(np.arange(256)[:, None] * (200 / paper), 0, 255).astype(np.uint8)
    channels = [table[:, channel][pixels[..., channel]] for channel in range(3)]
    extreme = np.maximum if paper.max() < 100 else np.minimum
    return np.asarray(extreme(extreme(channels[0], channels[1]), channels[2]), np.float32)


def dark_on_bright(grey: Float32Array) -> Float32Array:
    """The picture itself, or its negative where the ink is brighter than its surroundings.

    Ink is the smaller part, so that differences from the local mean are skewed to its side.
    """
    sample = np.asarray(shrunk(Image.fromarray(grey), 2 * PAPER_SIDE)[0])
    difference = sample - ndimage.uniform_filter(sample, max(3, max(sample.shape) // 4))
    return 255 - grey if (difference**3).mean() > 0 else grey


def paper_of(grey: Float32Array) -> Float32Array:
    """What the paper would look like without ink: dark strokes closed, on a small copy, and smoothed."""
    height, width = grey.shape
    small = np.asarray(shrunk(Image.fromarray(grey), PAPER_SIDE)[0])
    size = max(3, round(min(small.shape) * WIDEST_STROKE))
    closed = ndimage.uniform_filter(ndimage.grey_closing(small, (size, size)), max(1, size // 4))
    return np.asarray(Image.fromarray(closed).resize((width, height), Image.Resampling.BILINEAR))


def threshold_of(contrast: Float32Array) -> float:
    """The contrast from which a pixel is ink; 1 where nothing stands out of the noise.

    How dark ink is, is told by the blocks that hold some: Otsu's threshold would need it to fill a fair share of the
    picture, and a page has perhaps one pixel of ink in a hundred. Blocks in the middle are asked first: the frame of a
    cell is darker than any pencil.
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
    """The largest value of every whole block, [rows, columns]."""
    height, width = (extent // BLOCK * BLOCK for extent in contrast.shape)
    # Along columns first, over values side by side in memory: a fifth of the time of both axes at once.
    strips = contrast[:height, :width].reshape(height // BLOCK, BLOCK, width).max(axis=1)
    return np.asarray(strips.reshape(height // BLOCK, width // BLOCK, BLOCK).max(axis=2))
