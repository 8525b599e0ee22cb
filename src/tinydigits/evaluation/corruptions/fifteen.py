"""The fifteen corruptions of MNIST-C, reimplemented with the benchmark's severities.

Mu and Gilmer 2019, "MNIST-C: A Robustness Benchmark for Computer Vision", arXiv:1906.02337; the severities are the
defaults of its public source. Random numbers here depend on the seed and the corruption's name, so single images differ
from the published files; the distributions are the same.

A corruption takes float64 [n, 28, 28], 0 to 1, and a random generator. It returns the same shape; the caller clips
values to 0 to 1.
"""

from collections.abc import Callable
from zlib import crc32

import numpy as np
from scipy import ndimage

from tinydigits.arrays import Float64Array, Predict, UInt8Images
from tinydigits.data.dataset import Dataset, check_size
from tinydigits.evaluation.corruptions.edges import canny_edges
from tinydigits.evaluation.corruptions.lines import dotted_line, zigzag
from tinydigits.evaluation.report import evaluate

Corruption = Callable[[Float64Array, np.random.Generator], Float64Array]

# Side of an image, in pixels.
SIZE = 28
# Coordinate of the centre along both axes.
CENTRE = 13.5
# Factors of a blur's sigma along [n, rows, columns]: no blur from one image to the next.
IN_PLANE = (0, 1, 1)


def corrupted(images: UInt8Images, name: str, *, seed: int = 0) -> UInt8Images:
    """Applies the corruption `name` to uint8 images [n, 28, 28]; equal images and seed give an equal result."""
    random = np.random.default_rng((seed, crc32(name.encode())))
    changed = CORRUPTIONS[name](images / 255.0, random)
    return np.asarray(np.rint(np.clip(changed, 0, 1) * 255), np.uint8)


def corruption_accuracies(predict: Predict, dataset: Dataset) -> dict[str, float]:
    """Returns the accuracy, 0 to 1, of `predict` on `dataset` under each corruption, and their mean as "mean".

    Raises:
        ImageShapeError: the images are not 28 × 28.
    """
    check_size(dataset.images, (SIZE, SIZE), dataset.name)
    images = dataset.images.reshape(-1, SIZE, SIZE)
    accuracies = {
        name: evaluate(predict, Dataset(corrupted(images, name), dataset.labels)).accuracy for name in CORRUPTIONS
    }
    return {**accuracies, "mean": float(np.mean(list(accuracies.values())))}


def shot_noise(x: Float64Array, random: np.random.Generator) -> Float64Array:
    """Adds the noise of photon counting, with 3 photons for full ink."""
    return random.poisson(x * 3) / 3


def impulse_noise(x: Float64Array, random: np.random.Generator) -> Float64Array:
    """Sets 17 % of all pixels to black or white, with equal probability."""
    hit = random.random(x.shape) < 0.17
    return np.where(hit, random.integers(0, 2, x.shape), x)


def glass_blur(x: Float64Array, random: np.random.Generator) -> Float64Array:
    """Blurs, swaps pixels with a random neighbour above or left (twice), and blurs again."""
    blurred = np.floor(blur(x, 0.7) * 255) / 255
    every = np.arange(len(x))
    for row, column in [(row, column) for row in range(27, 1, -1) for column in range(27, 1, -1)] * 2:
        swap = random.random(len(x)) < 0.5
        up, left = random.integers(0, 2, (2, len(x))) * swap
        here = blurred[every, row, column]
        blurred[every, row, column] = blurred[every, row - up, column - left]
        blurred[every, row - up, column - left] = here
    return blur(blurred, 0.7)


def motion_blur(x: Float64Array, random: np.random.Generator) -> Float64Array:
    """Blurs with a one-sided Gaussian, sigma 3, 21 pixels long, in a direction within 45° of horizontal.

    Edge pixels repeat outside the image.
    """
    angles = np.deg2rad(random.uniform(-45, 45, len(x)))
    weights = np.exp(-(np.arange(21) ** 2) / (2 * 3.0**2))
    rows, columns = np.mgrid[:SIZE, :SIZE]
    every = np.arange(len(x))[:, None, None]
    total = np.zeros_like(x)
    for distance, weight in enumerate(weights / weights.sum()):
        down = np.rint(distance * np.sin(angles)).astype(int)[:, None, None]
        right = np.rint(distance * np.cos(angles)).astype(int)[:, None, None]
        total += weight * x[every, np.clip(rows + down, 0, SIZE - 1), np.clip(columns + right, 0, SIZE - 1)]
    return total


def shear(x: Float64Array, random: np.random.Generator) -> Float64Array:
    """Shears by 0.4 rad, to either side: output (x, y) shows input (x − y · sin, y · cos)."""
    angle = 0.4 * signs(random, len(x))
    return warped(x, np.ones(len(x)), -np.sin(angle), np.zeros(len(x)), np.cos(angle))


def scale(x: Float64Array, random: np.random.Generator) -> Float64Array:
    """Shrinks to 0.7 of the size."""
    return warped(x, *(np.full(len(x), value) for value in (1 / 0.7, 0, 0, 1 / 0.7)))


def rotate(x: Float64Array, random: np.random.Generator) -> Float64Array:
    """Rotates by 0.4 rad, to either side."""
    angle = 0.4 * signs(random, len(x))
    return warped(x, np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle))


def brightness(x: Float64Array, random: np.random.Generator) -> Float64Array:
    """Adds half of full brightness to every pixel."""
    return x + 0.5


def translate(x: Float64Array, random: np.random.Generator) -> Float64Array:
    """Moves by 3 pixels along both axes, each in a random direction."""
    moves = 3 * np.stack([signs(random, len(x)), signs(random, len(x))], axis=1).astype(int)
    padded = np.pad(x, ((0, 0), (3, 3), (3, 3)))
    rows, columns = np.mgrid[3 : 3 + SIZE, 3 : 3 + SIZE]
    down, right = moves[:, 0, None, None], moves[:, 1, None, None]
    return np.asarray(padded[np.arange(len(x))[:, None, None], rows + down, columns + right])


def stripe(x: Float64Array, random: np.random.Generator) -> Float64Array:
    """Inverts the seven outer columns at the left and at the right."""
    changed = x.copy()
    changed[:, :, :7] = 1 - x[:, :, :7]
    changed[:, :, 21:] = 1 - x[:, :, 21:]
    return changed


def fog(x: Float64Array, random: np.random.Generator) -> Float64Array:
    """Adds a cloud three times as bright as ink, then scales the image down to its former maximum."""
    brightest = x.max(axis=(1, 2), keepdims=True)
    return np.asarray((x + 3.0 * clouds(len(x), random)) * brightest / (brightest + 3.0))


def spatter(x: Float64Array, random: np.random.Generator) -> Float64Array:
    """Paints dark grey spots where blurred noise is above 0.65; the mask of the spots is blurred as well."""
    liquid = blur(random.normal(0.65, 0.3, x.shape), 1.0)
    mask = blur((liquid > 0.65).astype(float), 1.5)
    mask[mask < 0.8] = 0
    return np.asarray(x * (1 - mask) + 63 / 255 * mask)


def blur(x: Float64Array, sigma: float) -> Float64Array:
    """Gaussian blur within each image; `sigma` in pixels."""
    return np.asarray(ndimage.gaussian_filter(x, np.multiply(IN_PLANE, sigma), mode="nearest"))


def signs(random: np.random.Generator, count: int) -> Float64Array:
    """Returns -1 or 1, with equal probability, [count]."""
    return np.asarray(random.integers(0, 2, count) * 2.0 - 1, np.float64)


def warped(x: Float64Array, xx: Float64Array, xy: Float64Array, yx: Float64Array, yy: Float64Array) -> Float64Array:
    """Resamples images: output (x, y) shows input (xx·x + xy·y, yx·x + yy·y), relative to the centre.

    Interpolation is bilinear, and pixels outside the image are black.

    Args:
        xx, xy, yx, yy: [n], the coefficients for each image.
    """
    down, right = np.mgrid[:SIZE, :SIZE] - CENTRE
    columns = xx[:, None, None] * right + xy[:, None, None] * down + CENTRE
    rows = yx[:, None, None] * right + yy[:, None, None] * down + CENTRE
    which = np.broadcast_to(np.arange(len(x))[:, None, None], rows.shape)
    return np.asarray(ndimage.map_coordinates(x, [which, rows, columns], order=1, mode="constant"))


def clouds(count: int, random: np.random.Generator) -> Float64Array:
    """Returns pieces [count, 28, 28] of plasma fractals; each whole fractal spans 0 to 1.

    The benchmark makes a fractal of 256 × 256 for each image and uses one corner. Here one fractal serves 64 images,
    with a piece every 32 pixels.
    """
    starts = [(row, column) for row in range(0, 256, 32) for column in range(0, 256, 32)]
    maps = [plasma(random) for _ in range(-(-count // len(starts)))]
    pieces = [each[row : row + SIZE, column : column + SIZE] for each in maps for row, column in starts]
    return np.stack(pieces[:count])


def plasma(random: np.random.Generator) -> Float64Array:
    """Returns a fractal height map [256, 256], 0 to 1, by the diamond-square algorithm on a torus.

    Fournier, Fussell and Carpenter 1982, "Computer rendering of stochastic models": each point of a finer grid is the
    mean of its neighbours on the coarser grid, plus noise. The noise is divided by 1.4 at each level.
    """
    heights = np.zeros((256, 256))
    step, amplitude = 256, 100.0
    while step >= 2:
        half = step // 2
        corners = heights[::step, ::step]
        beside, below = rolled(corners, 0, -1), rolled(corners, -1, 0)
        centres = (corners + beside + below + rolled(beside, -1, 0)) / 4
        heights[half::step, half::step] = centres + noise(random, centres, amplitude)
        centres = heights[half::step, half::step]
        across = (corners + beside + centres + rolled(centres, 1, 0)) / 4
        heights[::step, half::step] = across + noise(random, across, amplitude)
        along = (corners + below + centres + rolled(centres, 0, 1)) / 4
        heights[half::step, ::step] = along + noise(random, along, amplitude)
        step, amplitude = half, amplitude / 1.4
    heights -= heights.min()
    return np.asarray(heights / heights.max())


def rolled(grid: Float64Array, down: int, right: int) -> Float64Array:
    """Moves a grid down and to the right; it repeats at its edges."""
    return np.roll(grid, (down, right), axis=(0, 1))


def noise(random: np.random.Generator, like: Float64Array, amplitude: float) -> Float64Array:
    """Returns noise in the shape of `like`."""
    # The benchmark multiplies by the amplitude twice: once as the range, once as a factor.
    return np.asarray(amplitude * random.uniform(-amplitude, amplitude, like.shape))


CORRUPTIONS: dict[str, Corruption] = {
    "shot_noise": shot_noise,
    "impulse_noise": impulse_noise,
    "glass_blur": glass_blur,
    "motion_blur": motion_blur,
    "shear": shear,
    "scale": scale,
    "rotate": rotate,
    "brightness": brightness,
    "translate": translate,
    "stripe": stripe,
    "fog": fog,
    "spatter": spatter,
    "dotted_line": dotted_line,
    "zigzag": zigzag,
    "canny_edges": canny_edges,
}
