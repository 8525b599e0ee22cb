"""Normalised pictures with answers, ready for training."""

from collections.abc import Callable, Iterable

import numpy as np

from lessons.negatives import KINDS
from lessons.strokes import Digits, redrawn, seen_small
from tinydigits.arrays import Float32Array, Float64Array, Int64Array, UInt8Images
from tinydigits.reader.normalise import normalise

# The answer for marks that are not one whole digit.
NOT_A_DIGIT = 10
# Normalised images uint8 [n, 28, 28] → how sure a net of ten digits is, float [n].
Certainty = Callable[[UInt8Images], Float64Array]


def positives(digits: Digits, seed: int, count: int) -> tuple[UInt8Images, Int64Array]:
    """Draws digits in other hands and pens."""
    made = list(redrawn(digits, np.random.default_rng((seed, 0)), count))
    usable = [(label, normal(ink)) for label, ink in made if (ink > 0.3).sum() > 4]
    return np.stack([image for _, image in usable]), np.array([label for label, _ in usable])


def negatives(
    digits: Digits, kind: str, seed: int, count: int, certainty: Certainty, held_out: bool = False
) -> UInt8Images:
    """Makes `count` marks of a kind, and leaves out those that may well be a digit.

    Args:
        held_out: set letters in the fonts that no training sees.
    """
    number = 1 + list(KINDS).index(kind)
    images = of_kind(kind, digits, np.random.default_rng((seed, number)), count, held_out)
    return images[certainty(images) < KINDS[kind][2]]


def of_kind(kind: str, digits: Digits, rng: np.random.Generator, count: int, held_out: bool) -> UInt8Images:
    make = KINDS[kind][0]
    images: list[UInt8Images] = []
    while len(images) < count:
        ink = make(digits, rng, held_out)
        if ink is not None and (ink > 0.3).sum() > 8:
            images.append(normal(seen_small(ink, rng)))
    return np.stack(images)


def normal(ink: Float32Array) -> UInt8Images:
    """Normalises ink; what is fainter than any reader keeps is taken for paper."""
    return normalise(np.where(ink > 0.06, ink, 0).astype(np.float32))


def together(parts: Iterable[tuple[UInt8Images, Int64Array]]) -> tuple[UInt8Images, Int64Array]:
    images, answers = zip(*parts, strict=True)
    return np.concatenate(images), np.concatenate(answers).astype(np.int64)
