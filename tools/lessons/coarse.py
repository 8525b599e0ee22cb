"""Lessons seen in a few pixels: as small pictures and thumbnails show marks, and as viewers enlarge them."""

import numpy as np
from PIL import Image

from lessons.pictures import normal
from tinydigits.arrays import Float32Array, Int64Array, UInt8Images
from tinydigits.reader.normalise import cut_to_ink
from tinydigits.reader.single import smooth

# The longer side of a coarse mark, in pixels: the least, and one more than the most.
SIDES = (6, 14)
# Share of pictures with 16 levels of grey, and of those that are enlarged by straight lines between pixels.
LEVELS, STRAIGHT = 0.4, 0.4
# Marks that are paler than this in a few pixels stay as they are.
FAINTEST = 0.2


def coarse_copies(images: UInt8Images, answers: Int64Array, share: float, seed: int) -> tuple[UInt8Images, Int64Array]:
    """Returns a share of normalised images [n, 28, 28] as they look in a few pixels, with their answers."""
    rng = np.random.default_rng((seed, 77))
    chosen = rng.permutation(len(images))[: round(share * len(images))]
    return np.stack([coarse(images[index], rng) for index in chosen]), answers[chosen]


def coarse(image: UInt8Images, rng: np.random.Generator) -> UInt8Images:
    """Returns a normalised image of the same mark, seen in a few pixels."""
    tight = cut_to_ink(image.astype(np.float32) / 255)
    scale = int(rng.integers(*SIDES)) / max(tight.shape)
    small = resized(tight, scale, Image.Resampling.BOX)
    small = np.round(15 * small) / np.float32(15) if rng.random() < LEVELS else small
    if small.max() < FAINTEST:
        return image
    if rng.random() >= STRAIGHT:
        return normal(smooth(cut_to_ink(small)))
    return normal(resized(np.pad(small, 1), float(rng.uniform(3, 9)), Image.Resampling.BILINEAR))


def resized(ink: Float32Array, scale: float, how: Image.Resampling) -> Float32Array:
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    return np.asarray(Image.fromarray(ink).resize((width, height), how), np.float32)
