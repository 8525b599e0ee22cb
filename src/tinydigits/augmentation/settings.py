"""How training images are varied, as plain data: what a recipe carries.

`engine/kernels/augment.h` makes the pictures, `augmentation_numpy.py` the same where there is no C compiler.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from tinydigits.errors import RecipeError

# Whole numbers that stand for 1: of amplitudes, and of the weights between the nodes of an elastic warp.
ONE = 1 << 24
PART = 1 << 11
# The nodes of an elastic warp: four spans across an image, and what a cubic spline needs beyond its ends.
SPANS, NODES = 4, 7
# The largest of each amplitude: beyond, digits are no digits, or coordinates leave their 32 bits.
LIMITS = {
    "rotation": math.pi,
    "scale": 0.5,
    "shear": 1.0,
    "shift": 100.0,
    "elastic": 8.0,
    "stroke": 1.0,
    "blur": 1.0,
    "contrast": 1.0,
    "background": 0.5,
    "grain": 1.0,
    "cut": 100.0,
    "cut_chance": 1.0,
    "line_chance": 1.0,
    "gentle_strength": 1.0,
}


class Amplitudes(NamedTuple):
    """The amplitudes of one epoch as whole numbers, in units of 1 / ONE; the fields of the structure in C."""

    rotation: int
    scale: int
    shear: int
    shift: int
    elastic: int
    stroke: int
    blur: int
    contrast: int
    background: int
    grain: int
    cut: int
    cut_chance: int
    line_chance: int


@dataclass(frozen=True)
class Augmentation:
    """How far each training image may be varied; everything is off unless given.

    An image is varied anew in every epoch: each amount is drawn evenly, within its amplitude, from the training's seed,
    the steps taken so far and the image's number. First the pen (stroke), then the hand (rotation to elastic, one
    bilinear resampling about the centre), the paper (cut, lines), the camera (blur, contrast, background, grain).

    Attributes:
        rotation: to either side, in radians.
        scale: of each axis by itself: 0.1 is from 0.9 to 1.1.
        shear: of rows against each other, in columns a row, to either side.
        shift: along each axis, in pixels, to either side.
        elastic: the largest displacement of a smooth random warp, in pixels; a typical one is a third of it.
        stroke: 1 is as far as the brightest (thicker) or darkest (thinner) of a pixel and its four neighbours.
        blur: 1 is all of a binomial kernel with a standard deviation of one pixel.
        contrast: ink times 1 - contrast to 1 + contrast, and its mid-tones bent as far, up or down.
        background: how bright the ground may become, as a fraction of full ink.
        grain: the largest noise added to each pixel by itself, as a fraction of full ink, in the grainiest image; its
            distribution is triangular, with a standard deviation of 0.41 of that.
        cut: rows or columns of one side that are made black, at most.
        cut_chance: how often a side is cut.
        line_chance: how often each side has a line along it, 1 or 2 pixels thick, as the cells of forms have.
        gentle_epochs: so many last epochs of a training are gentler.
        gentle_strength: what their amplitudes are multiplied with: all but `cut_chance`, as the cut itself shrinks.

    Raises:
        RecipeError: an amplitude is below 0, above its limit or no number.
    """

    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    shift: float = 0.0
    elastic: float = 0.0
    stroke: float = 0.0
    blur: float = 0.0
    contrast: float = 0.0
    background: float = 0.0
    grain: float = 0.0
    cut: float = 0.0
    cut_chance: float = 0.0
    line_chance: float = 0.0
    gentle_epochs: int = 0
    gentle_strength: float = 0.5

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "gentle_epochs":
                check(field.name, value, isinstance(value, int) and value >= 0, "a whole number from 0 on")
            else:
                limit = LIMITS[field.name]
                fits = isinstance(value, int | float) and 0 <= value <= limit
                check(field.name, value, fits, f"a number from 0 to {limit:.4g}")

    def strength(self, epoch: int, epochs: int) -> float:
        """What the amplitudes of `epoch`, counted from 0, of `epochs` are multiplied with."""
        return self.gentle_strength if epoch >= epochs - self.gentle_epochs else 1.0

    def amplitudes(self, strength: float = 1.0) -> Amplitudes:
        """The amplitudes times `strength`, 0 to 1, in units of 1 / ONE."""
        check("strength", strength, 0 <= strength <= 1, "a number from 0 to 1")
        kept = {"cut_chance"}
        return Amplitudes(
            *(round(getattr(self, name) * (1.0 if name in kept else strength) * ONE) for name in Amplitudes._fields)
        )


def check(name: str, value: object, fits: bool, expected: str) -> None:
    if not fits:
        raise RecipeError("augmentation", found=f"{name}={value!r}", expected=expected, fix=f"Give another {name}.")


def check_pixels(pixels: np.dtype[Any]) -> None:
    """Raise RecipeError unless images of this type can be augmented: uint8."""
    if pixels != np.uint8:
        raise RecipeError(
            "augmentation",
            found=f"images of type {pixels}",
            expected="uint8, 0 to 255",
            fix="Give the images as they are, or train without augmentation: scaling by 1/255 comes after it.",
        )


def spline_weights(length: int) -> list[list[int]]:
    """How much each of NODES nodes counts at each of `length` pixels, in units of 1 / PART: cubic B-splines.

    Whole numbers from the start: pixel i lies at (i + 1/2) · SPANS / length, `rest` / (2 · length) into its span.
    """
    size, table = 2 * length, []
    for i in range(length):
        span, rest = divmod((2 * i + 1) * SPANS, size)
        left = size - rest
        pieces = (
            left**3,
            3 * rest**3 - 6 * rest**2 * size + 4 * size**3,
            3 * left**3 - 6 * left**2 * size + 4 * size**3,
            rest**3,
        )
        row = [0] * NODES
        row[span : span + 4] = [(2 * PART * piece // (6 * size**3) + 1) // 2 for piece in pieces]
        table.append(row)
    return table


# Affine alone, what a net for MNIST profits from.
AFFINE = Augmentation(rotation=0.2, scale=0.12, shear=0.2, shift=2.2, gentle_epochs=3, gentle_strength=0.5)
# Digits as cut out of photographed pages and forms: other pens, soft focus, lines and edges of the cell.
PHOTOGRAPHED = Augmentation(
    rotation=0.25,
    scale=0.2,
    shear=0.25,
    shift=2.5,
    elastic=2.5,
    stroke=0.6,
    blur=0.8,
    contrast=0.35,
    background=0.12,
    cut=6.0,
    cut_chance=0.15,
    line_chance=0.08,
    gentle_epochs=3,
    gentle_strength=0.5,
)
