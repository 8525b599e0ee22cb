"""Ink on paper, as a camera or a scanner sees it."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from tinydigits.arrays import Float32Array

# Whose each pixel is: int8 [height, width].
Owners = NDArray[np.int8]
# Ink is seen so far beside where it was drawn, in pixels of the picture.
BLURRED = 1.8


def photographed(ink: Float32Array, owner: Owners, rng: np.random.Generator) -> tuple[Image.Image, Owners]:
    """Returns the picture of some ink, 0 to 1, and the owners of the picture's pixels."""
    factor = float(np.exp(rng.uniform(np.log(0.35), np.log(1.4))))
    size = (max(8, round(ink.shape[1] * factor)), max(8, round(ink.shape[0] * factor)))
    seen = np.asarray(
        Image.fromarray(ink).resize(size, Image.Resampling.BOX if factor < 1 else Image.Resampling.BICUBIC)
    )
    seen = ndimage.gaussian_filter(seen, rng.uniform(0, 0.9))
    if rng.random() < 0.3:
        seen = seen * uneven_ink(seen.shape, rng)
    paper = paper_of(seen.shape, rng)
    darkest = rng.uniform(0.05, 0.75)
    grey = paper * (1 - np.clip(seen, 0, 1) * (1 - darkest)) * rng.uniform(190, 255)
    grey = grey + rng.normal(0, rng.choice([0, 0, 3, 8]), seen.shape)
    picture = Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
    owned = np.asarray(Image.fromarray(owner.view(np.uint8)).resize(size, Image.Resampling.NEAREST)).view(np.int8)
    return (compressed(picture, rng) if rng.random() < 0.25 else picture), widened(owned)


def widened(owner: Owners) -> Owners:
    """Gives pixels that nobody owns to a neighbour within BLURRED pixels, because blurred ink reaches as far."""
    distance, (rows, columns) = ndimage.distance_transform_edt(owner == 0, return_indices=True)
    return np.where(distance <= BLURRED, owner[rows, columns], owner)


def paper_of(shape: tuple[int, ...], rng: np.random.Generator) -> Float32Array:
    """Returns the brightness of paper: even, lit from a side, blotched or printed with a pattern, like cheques."""
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    paper = np.ones(shape, np.float32)
    if rng.random() < 0.4:
        angle = rng.uniform(0, 2 * np.pi)
        along = (rows * np.sin(angle) + columns * np.cos(angle)) / max(shape)
        paper -= np.abs(rng.uniform(0, 0.3) * along)
    if rng.random() < 0.35:
        blotches = ndimage.gaussian_filter(rng.normal(size=shape), rng.uniform(1, 8))
        paper -= rng.uniform(0, 0.06) * blotches / blotches.std()
    if rng.random() < 0.3:
        paper -= pattern(rows, columns, rng)
    return np.clip(paper, 0.3, 1)


def pattern(rows: Float32Array, columns: Float32Array, rng: np.random.Generator) -> Float32Array:
    """Returns the ink of wavy printed lines, 0 to about 0.2."""
    period, waves = rng.uniform(4, 14), rng.uniform(10, 60)
    angle, bend = rng.uniform(0, np.pi), rng.uniform(0, 4)
    along, across = rows * np.cos(angle) + columns * np.sin(angle), columns * np.cos(angle) - rows * np.sin(angle)
    phase = 2 * np.pi * (along + bend * np.sin(across / waves * 2 * np.pi)) / period
    return np.asarray(rng.uniform(0.02, 0.2) * np.clip(np.sin(phase), 0, 1), np.float32)


def uneven_ink(shape: tuple[int, ...], rng: np.random.Generator) -> Float32Array:
    """Returns how much ink a failing pen leaves, 0 to 1."""
    flow = ndimage.gaussian_filter(rng.normal(size=shape), rng.uniform(1, 5))
    return np.asarray(np.clip(1 - rng.uniform(0.05, 0.35) * np.abs(flow / flow.std()), 0, 1), np.float32)


def compressed(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Saves a picture as JPEG and opens it again."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=int(rng.integers(30, 90)))
    return Image.open(file).convert("L")
