"""Settings of augmentation: how far each training image may be varied.

`engine/kernels/augment.h` makes the varied images. `reference.py` makes the same ones without a C compiler.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from tinydigits.errors import RecipeError

# The integer that represents an amplitude of 1.
ONE = 1 << 24
# The integer that represents a weight of 1 between the nodes of an elastic warp.
PART = 1 << 11
# Number of spans of an elastic warp along each axis of an image.
SPANS = 4
# Number of nodes of an elastic warp along each axis. A cubic spline needs three more nodes than spans.
NODES = 7
# Largest value of each setting. Larger ones make digits unreadable, or coordinates overflow 32 bits.
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
    """The amplitudes of one epoch as integers, in units of 1 / ONE; the structure in C has the same fields."""

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
    """How far each training image may be varied; each kind of variation is off unless it is set.

    Each epoch varies an image anew. Every amount is drawn uniformly within its amplitude; the seed of the training, the
    steps taken before the epoch and the number of the image decide it. The order is: the pen (stroke), the hand
    (rotation to elastic, in one bilinear resampling about the centre), the paper (cut, lines) and the camera (blur,
    contrast, background, grain).

    Attributes:
        rotation: largest angle to either side, in radians.
        scale: largest change of the size of each axis; 0.1 means 0.9 to 1.1.
        shear: largest horizontal shift from one row to the next, to either side, in pixels.
        shift: largest shift along each axis, to either side, in pixels.
        elastic: largest displacement of a smooth random warp, in pixels; a typical one is a third of it.
        stroke: largest change of strokes; 1 replaces a pixel by the brightest (thicker) or darkest (thinner) of itself
            and its four neighbours.
        blur: largest share of blur; 1 is a full binomial kernel with a standard deviation of one pixel.
        contrast: ink is multiplied by 1 - contrast to 1 + contrast, and mid-tones are changed by as much.
        background: largest brightness of the background, as a fraction of full ink.
        grain: largest noise of a pixel, as a fraction of full ink, in the grainiest image. The noise is triangular,
            with a standard deviation of 0.41 of that.
        cut: largest number of rows or columns at one side that become black.
        cut_chance: probability that a side is cut.
        line_chance: probability, for each side, of a line along it, 1 or 2 pixels thick, as in the cells of forms.
        gentle_epochs: number of last epochs with gentler variation.
        gentle_strength: factor of all amplitudes in these epochs, except `cut_chance`, because `cut` itself shrinks.

    Raises:
        RecipeError: a setting is below 0, above its limit or not a number.
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
        """Returns the factor of all amplitudes in `epoch` (counted from 0) of `epochs`."""
        return self.gentle_strength if epoch >= epochs - self.gentle_epochs else 1.0

    def amplitudes(self, strength: float = 1.0) -> Amplitudes:
        """Returns the amplitudes times `strength`, 0 to 1, in units of 1 / ONE."""
        check("strength", strength, 0 <= strength <= 1, "a number from 0 to 1")
        kept = {"cut_chance"}
        return Amplitudes(
            *(round(getattr(self, name) * (1.0 if name in kept else strength) * ONE) for name in Amplitudes._fields)
        )


def check(name: str, value: object, fits: bool, expected: str) -> None:
    if not fits:
        raise RecipeError("augmentation", found=f"{name}={value!r}", expected=expected)


def check_pixels(pixels: np.dtype[Any]) -> None:
    """Raises RecipeError unless the type of the images is uint8."""
    if pixels != np.uint8:
        raise RecipeError(
            "augmentation",
            found=f"images of type {pixels}",
            expected="uint8, 0 to 255",
            fix="Give unscaled images (scaling by 1/255 comes after augmentation), or train without augmentation.",
        )


def spline_weights(length: int) -> list[list[int]]:
    """Returns the weight of each of NODES nodes at each of `length` pixels, in units of 1 / PART: cubic B-splines.

    All numbers are integers. Pixel i lies at (i + 1/2) · SPANS / length; its place in the span is rest / (2 · length).
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


# Affine variation only, which improves nets for MNIST.
AFFINE = Augmentation(rotation=0.2, scale=0.12, shear=0.2, shift=2.2, gentle_epochs=3, gentle_strength=0.5)
# Digits like those cut out of photographed pages and forms: other pens, soft focus, lines and edges of cells.
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
