"""Digits as lines: MNIST's skeletons, and digits of other hands, redrawn in many ways."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from lessons import shapes
from lessons.pens import any_pen, bones_of, distances_to, inked, resized, slanted, thinned, tight
from lessons.polygons import coarse_lines
from tinydigits.arrays import Float32Array, Int64Array, UInt8Images

# Distances are stored in these parts of a pixel, as bytes.
PARTS = 20
# Images are enlarged twofold before they are thinned.
SIDE = 56
# A pixel of the enlarged image is ink above this.
INK = 110
# Images that are thinned at once. They take a few megabytes.
AT_ONCE = 500
# Share of digits of hands that MNIST lacks, drawn from lines.
OWN = 0.22
# Share of the other digits that are drawn as a coarse pen records them.
COARSE = 0.1
# Height of the lines of a redrawn digit, in pixels.
HEIGHT = 40


@dataclass(frozen=True, eq=False)
class Digits:
    """Images of digits, and how far each pixel of their enlargements is from their skeletons.

    Attributes:
        images: uint8 [n, 28, 28].
        labels: int64 [n].
        stored: uint8 [n, SIDE, SIDE], distances in 1 / PARTS pixels.
    """

    images: UInt8Images
    labels: Int64Array
    stored: UInt8Images

    def lines(self, index: int) -> Float32Array:
        """Returns the distances of one digit as a tight drawing."""
        return tight(self.stored[index] / np.float32(PARTS))

    def any_of(self, label: int, rng: np.random.Generator) -> int:
        """Returns the index of some digit with this label."""
        found = np.flatnonzero(self.labels == label)
        return int(found[rng.integers(len(found))])


def digits_of(images: UInt8Images, labels: Int64Array) -> Digits:
    """Finds the skeletons of images."""
    stored = [stored_distances(images[first : first + AT_ONCE]) for first in range(0, len(images), AT_ONCE)]
    return Digits(images, labels, np.concatenate(stored))


def stored_distances(images: UInt8Images) -> UInt8Images:
    bones = thinned(np.stack([enlarged(image) > INK for image in images]))
    return np.stack([np.round(distances_to(bone) * PARTS).astype(np.uint8) for bone in bones])


def enlarged(image: UInt8Images) -> UInt8Images:
    return np.asarray(Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BICUBIC))


# ---- hands ----


def any_digit(digits: Digits, rng: np.random.Generator, zeros: float = 0.0) -> tuple[int, Float32Array]:
    """Returns a label and lines HEIGHT pixels high, in some hand.

    Args:
        zeros: share of digits that are made 0, beyond the usual tenth.
    """
    if rng.random() < zeros:
        own = rng.random() < 0.25
        lines = bones_of(shapes.open_zero(rng), HEIGHT) if own else digits.lines(digits.any_of(0, rng))
        return 0, other_hand(lines, rng)
    if rng.random() < OWN:
        label, shape, _ = shapes.DIGITS[int(rng.choice(len(shapes.DIGITS), p=[share for *_, share in shapes.DIGITS]))]
        return label, other_hand(bones_of(shape(rng), HEIGHT), rng)
    index = int(rng.integers(len(digits.labels)))
    coarse = rng.random() < COARSE
    lines = bones_of(coarse_lines(digits.stored[index] == 0, rng), HEIGHT) if coarse else digits.lines(index)
    return int(digits.labels[index]), other_hand(lines, rng)


def other_hand(lines: Float32Array, rng: np.random.Generator) -> Float32Array:
    """Changes the slant and the width of a drawing."""
    if rng.random() < 0.5:
        lines = slanted(lines, rng.normal(0, 0.2))
    return resized(lines, HEIGHT, float(np.exp(rng.normal(0, 0.16))))


# ---- pictures of one digit ----


def redrawn(digits: Digits, rng: np.random.Generator, count: int) -> Iterator[tuple[int, Float32Array]]:
    """Draws digits one by one: label and ink."""
    for _ in range(count):
        label, lines = any_digit(digits, rng)
        yield label, seen_small(shortened(inked(lines, any_pen(rng)), rng), rng)


def scanned_or_drawn(digits: Digits, rng: np.random.Generator) -> tuple[int, Float32Array]:
    """Returns the label and ink of a digit, as MNIST has it or with another pen."""
    if rng.random() < 0.4:
        index = int(rng.integers(len(digits.labels)))
        ink = enlarged(digits.images[index]) / np.float32(255)
        return int(digits.labels[index]), np.where(ink > 0.1, ink, 0).astype(np.float32)
    label, lines = any_digit(digits, rng)
    return label, inked(lines, any_pen(rng))


def shortened(ink: Float32Array, rng: np.random.Generator) -> Float32Array:
    """Cuts a little off one side, as a picture's edge does; never more than 5 % of the ink."""
    if rng.random() > 0.15:
        return ink
    kept, quarters = ink.copy(), int(rng.integers(4))
    turned = np.rot90(kept, quarters)  # a view: what is written to it is written to `kept`
    lost = np.cumsum(turned.sum(axis=1)) / max(float(turned.sum()), 1e-6)
    turned[: int(np.searchsorted(lost, rng.uniform(0, 0.05)))] = 0
    return kept


def seen_small(ink: Float32Array, rng: np.random.Generator) -> Float32Array:
    """Shrinks some pictures, as cameras and scanners see small digits."""
    if rng.random() > 0.3:
        return ink
    factor = rng.uniform(0.25, 0.8)
    size = (max(5, round(ink.shape[1] * factor)), max(5, round(ink.shape[0] * factor)))
    return np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BOX))
