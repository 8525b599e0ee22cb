"""Made-up rows of handwritten digits, with the digit that each pixel belongs to."""

from dataclasses import dataclass, field

import numpy as np
from PIL import Image
from scipy import ndimage

from lessons import shapes
from lessons.paper import Owners, photographed
from lessons.pens import FAR, MARGIN, bones_of, distances_to, inked, laid, resized
from lessons.strokes import HEIGHT, Digits, any_digit
from tinydigits.arrays import Float32Array, Mask

# Height of the canvas on which rows are drawn, in pixels; digits are about HEIGHT high.
CANVAS = 120
# Pixels within this many pixels of a digit's ink belong to it, so that blurred edges do.
BLURRED = 1.5
# The owner of signs and lines.
SIGN = -1
# Names of signs, and how often each is drawn.
Weights = dict[str, float]
# How often each sign stands between two digits or at an end.
BETWEEN: Weights = {
    "comma": 5,
    "point": 5,
    "minus": 2,
    "slash": 2,
    "colon": 1,
    "bracket": 1,
    "plus": 0.3,
    "equals": 0.5,
}
AT_ENDS: Weights = {
    "cent": 2,
    "dollar": 3,
    "minus": 3,
    "equals": 2,
    "cross_hatch": 2,
    "star": 1,
    "bracket": 1,
    "slash": 1,
}


@dataclass(frozen=True, eq=False)
class DrawnRow:
    """A picture of a row of digits.

    Attributes:
        picture: greyscale.
        owner: int8 [height, width] of the picture: k + 1 where a pixel belongs to digits[k], SIGN where it belongs to a
            sign or a line, 0 where it belongs to nothing or to a stroke that joins two digits.
        digits: from left to right.
    """

    picture: Image.Image
    owner: Owners
    digits: tuple[int, ...]


@dataclass(eq=False)
class Canvas:
    """A row in the making.

    Attributes:
        distances: how far each pixel is from the nearest line.
        owner: whose line that is.
        left: where the next mark begins.
        last: the drawing that ends the row so far, as (top, left, height, width) of its lines.
    """

    distances: Float32Array
    owner: Owners
    left: float = 14.0
    last: tuple[int, int, int, int] | None = None
    digits: list[int] = field(default_factory=list)

    def lay(self, lines: Float32Array, top: int, owner: int) -> None:
        """Lays a tight drawing at the place of the next mark, its lines beginning at row `top`."""
        nearer = laid(self.distances, lines, top - MARGIN, int(self.left) - MARGIN)
        self.owner[nearer] = owner
        height, width = lines.shape[0] - 2 * MARGIN, lines.shape[1] - 2 * MARGIN
        self.last = (top, int(self.left), height, width)
        self.left += width


@dataclass(frozen=True)
class Hand:
    """How one person writes a row.

    Attributes:
        gap: mean distance between the lines of neighbouring digits, in pixels; below 0 they overlap.
        zero: height of a 0 beside other digits.
        joins: probability that the pen is not lifted between two digits.
        chains: probability that a 0 after a 0 is drawn in the same stroke, from top to top.
    """

    pen: float
    gap: float
    zero: float
    joins: float
    chains: float
    signs: float
    zeros: float
    uneven: float


def any_hand(rng: np.random.Generator) -> Hand:
    return Hand(
        pen=float(np.exp(rng.uniform(np.log(0.6), np.log(5.0)))),
        gap=float(rng.normal(7, 5) if rng.random() < 0.75 else rng.normal(-1, 3)),
        zero=float(rng.uniform(0.5, 1) if rng.random() < 0.4 else 1),
        joins=float(rng.choice([0, 0, 0.2, 0.7])),
        chains=float(rng.choice([0, 0, 0.8])),
        signs=float(rng.choice([0, 0.1, 0.25])),
        zeros=float(rng.choice([0, 0, 0.4, 0.7])),
        uneven=float(rng.uniform(0.02, 0.15)),
    )


def drawn_row(digits: Digits, rng: np.random.Generator) -> DrawnRow:
    """Draws one to eight digits in one hand, on some paper, as some camera or scanner sees them."""
    hand, count = any_hand(rng), int(rng.integers(1, 9))
    canvas = Canvas(np.full((CANVAS, 140 + 80 * count), FAR, np.float32), np.zeros((CANVAS, 140 + 80 * count), np.int8))
    if rng.random() < hand.signs:
        add_sign(canvas, AT_ENDS, rng)
    for k in range(count):
        add_digit(canvas, digits, hand, k > 0, rng)
        if k < count - 1 and rng.random() < hand.signs:
            add_sign(canvas, BETWEEN, rng)
    if rng.random() < hand.signs:
        add_sign(canvas, AT_ENDS, rng)
    ink = inked(canvas.distances, hand.pen)
    owner = np.where(canvas.distances < hand.pen + 0.5 + BLURRED, canvas.owner, 0).astype(np.int8)
    if rng.random() < 0.2:
        rule(ink, owner, hand.pen, rng)
    ink, owner = cropped(ink, owner, rng)
    if rng.random() < (0.3 if count == 1 else 0.05):
        ink, owner = framed(ink, owner, rng)
    picture, owner = photographed(ink, owner, rng)
    return DrawnRow(picture, owner, tuple(canvas.digits))


def add_digit(canvas: Canvas, digits: Digits, hand: Hand, after: bool, rng: np.random.Generator) -> None:
    label, lines = any_digit(digits, rng, hand.zeros if after else 0)
    chained = after and label == canvas.digits[-1] == 0 and rng.random() < hand.chains
    relative = float(np.exp(rng.normal(0, hand.uneven))) * (hand.zero if label == 0 else 1)
    lines = resized(lines, HEIGHT * relative)
    height = lines.shape[0] - 2 * MARGIN
    before = canvas.last
    gap = -rng.uniform(0, 0.25) * (lines.shape[1] - 2 * MARGIN) if chained else rng.normal(hand.gap, 2)
    canvas.left = max(8, canvas.left + (gap if before else 0))
    middle = CANVAS / 2 + rng.normal(0, 40 * hand.uneven)
    canvas.digits.append(label)
    canvas.lay(lines, int(np.clip(middle - height / 2, 10, CANVAS - 10 - height)), len(canvas.digits))
    if before and canvas.last and (chained or rng.random() < hand.joins):
        join(canvas, before, canvas.last, 0.2 if chained else 0.95, rng)


def join(
    canvas: Canvas,
    before: tuple[int, int, int, int],
    after: tuple[int, int, int, int],
    lowest: float,
    rng: np.random.Generator,
) -> None:
    """Draws the stroke of a pen that is not lifted, from one digit into the next; it belongs to neither.

    Args:
        lowest: the stroke leaves a digit at most so far below its top, as a share of its height.
    """
    start = np.array([before[0] + before[2] * rng.uniform(0.0, lowest), before[1] + before[3] * rng.uniform(0.5, 1)])
    end = np.array([after[0] + after[2] * rng.uniform(0.0, 0.5 * lowest), after[1] + after[3] * rng.uniform(0, 0.5)])
    share = np.linspace(0, 1, 120)[:, None]
    sag = np.array([rng.normal(0, 8 * lowest), 0.0])
    path = start * (1 - share) + end * share + sag * np.sin(np.pi * share)
    bones = np.zeros_like(canvas.distances, np.bool_)
    rows, columns = np.clip(np.round(path), 0, np.array(canvas.distances.shape) - 1).astype(int).T
    bones[rows, columns] = True
    distances = distances_to(bones)
    nearer = distances < canvas.distances
    canvas.owner[nearer & (canvas.distances > 3)] = 0
    np.minimum(canvas.distances, distances, out=canvas.distances)


def add_sign(canvas: Canvas, weights: Weights, rng: np.random.Generator) -> None:
    chances = np.array(list(weights.values()))
    name = str(rng.choice(list(weights), p=chances / chances.sum()))
    shape = shapes.shaky(shapes.SIGNS[name](rng), rng, 0.02)
    top = min(each[:, 0].min() for each in shape)
    canvas.left += rng.uniform(3, 9)
    lines = bones_of(shape, HEIGHT * float(rng.uniform(0.8, 1.1)))
    at = CANVAS / 2 - HEIGHT / 2 + top * HEIGHT + rng.normal(0, 2)
    canvas.lay(lines, int(np.clip(at, 8, CANVAS - 8 - lines.shape[0] + 2 * MARGIN)), SIGN)
    canvas.left += rng.uniform(3, 9)


def rule(ink: Float32Array, owner: Owners, pen: float, rng: np.random.Generator) -> None:
    """Draws an underline, a ruled line or a side of a frame, in place; digits keep the pixels that it crosses."""
    written = np.flatnonzero(owner.any(axis=1))
    at = int(np.clip(rng.normal(written[-1] - 2, 6), 2, CANVAS - 4)) if len(written) else CANVAS // 2
    thick = int(rng.integers(1, max(2, round(2 * pen)) + 1))
    slope, wide = rng.normal(0, 0.01), ink.shape[1]
    rows = np.arange(len(ink))[:, None] - at - slope * (np.arange(wide)[None] - wide / 2)
    line: Mask = np.abs(rows) < thick / 2 + 0.2
    if rng.random() < 0.3:
        line = line | (np.abs(rows + rng.uniform(50, 70)) < thick / 2 + 0.2)
    np.maximum(ink, line * np.float32(rng.uniform(0.4, 1)), out=ink)
    owner[ndimage.binary_dilation(line) & (owner == 0)] = SIGN


def framed(ink: Float32Array, owner: Owners, rng: np.random.Generator) -> tuple[Float32Array, Owners]:
    """Draws the frame of a cell around the writing, or some of its sides, and a little of its neighbours' sides."""
    wide, thick = int(rng.integers(0, 12)), int(rng.integers(1, 7))
    apart = wide + thick + int(rng.integers(0, 10))
    ink, owner = np.pad(ink, apart), np.pad(owner, apart)
    first = apart - wide - thick
    for side in range(4):
        turned, owners = np.rot90(ink, side), np.rot90(owner, side)  # views, through which the arrays are written
        if rng.random() < 0.85:
            along = slice(None) if rng.random() < 0.5 else slice(first, turned.shape[1] - first)
            line = turned[first : first + thick, along]
            np.maximum(line, np.float32(rng.uniform(0.4, 1)), out=line)
            near = owners[max(0, first - 1) : first + thick + 1, along]
            near[near == 0] = SIGN
    return ink, owner


def cropped(ink: Float32Array, owner: Owners, rng: np.random.Generator) -> tuple[Float32Array, Owners]:
    """Cuts the canvas to its writing, with a margin or without."""
    written = owner > 0
    rows, columns = np.flatnonzero(written.any(axis=1)), np.flatnonzero(written.any(axis=0))
    most = 0 if rng.random() < 0.15 else 14
    top, bottom, left, right = rng.integers(0, most + 1, 4).tolist()
    part = (
        slice(max(0, rows[0] - top), rows[-1] + 1 + bottom),
        slice(max(0, columns[0] - left - 2 * most * int(rng.integers(0, 3))), columns[-1] + 1 + right + 2 * most),
    )
    return ink[part], owner[part]
