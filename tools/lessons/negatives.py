"""Marks that are not one whole digit, by kind."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from lessons import shapes
from lessons.letters import STROKE_LETTERS, latin_letter, script_letter
from lessons.pens import FAR, MARGIN, any_pen, bones_of, inked, laid, resized
from lessons.strokes import HEIGHT, Digits, any_digit, scanned_or_drawn
from tinydigits.arrays import Float32Array, Mask

# Makes the ink of one mark, 0 to 1; None where the draw failed.
Make = Callable[[Digits, np.random.Generator, bool], Float32Array | None]
# Side of the canvas of shapes that Pillow draws, in pixels.
CANVAS = 128


def piece(digits: Digits, rng: np.random.Generator, held_out: bool) -> Float32Array | None:
    """Returns one side of a curved cut through a digit."""
    _, ink = scanned_or_drawn(digits, rng)
    part = ink * cut_side(ink, rng)
    return part if 0.12 < part.sum() / ink.sum() < 0.86 else None


def cut_side(ink: Float32Array, rng: np.random.Generator) -> Mask:
    """Returns one side of a curved line that crosses the ink, mostly from top to bottom."""
    rows, columns = np.mgrid[: ink.shape[0], : ink.shape[1]].astype(np.float32)
    along, across = (rows, columns) if rng.random() < 0.65 else (columns, rows)
    crossed = across[ink > 0.3]
    at = rng.uniform(*np.percentile(crossed, (6, 94))) if len(crossed) else 0
    wave = rng.normal(0, 4) * np.sin(along / rng.uniform(5, 15) + rng.uniform(0, 6))
    edge = at + rng.normal(0, 0.25) * (along - along.mean()) + wave
    return np.asarray(across < edge) if rng.random() < 0.5 else np.asarray(across >= edge)


def group(digits: Digits, rng: np.random.Generator, held_out: bool) -> Float32Array | None:
    """Draws two or three digits as one mark: touching, overlapping or close."""
    return inked(side_by_side(digits, rng, 2 if rng.random() < 0.8 else 3), any_pen(rng))


def side_by_side(digits: Digits, rng: np.random.Generator, count: int) -> Float32Array:
    canvas, left = np.full((110, 330), FAR, np.float32), 10
    zeros = 0.8 if rng.random() < 0.25 else 0.0
    for _ in range(count):
        _, lines = any_digit(digits, rng, zeros)
        lines = resized(lines, HEIGHT * rng.uniform(0.7, 1.25))
        laid(canvas, lines, int(50 - lines.shape[0] / 2 + rng.normal(0, 5)), left)
        left += lines.shape[1] - 2 * MARGIN + int(rng.uniform(-5, 10))
    return canvas


def neighbour(digits: Digits, rng: np.random.Generator, held_out: bool) -> Float32Array | None:
    """Draws a digit and more than a crumb of the next one."""
    whole = inked(side_by_side(digits, rng, 2), any_pen(rng))
    columns = np.flatnonzero(whole.any(axis=0))
    share = rng.uniform(0.62, 0.88)
    slope = rng.normal(0, 0.2) * (np.arange(len(whole)) - 50)[:, None]
    reached = (np.arange(whole.shape[1])[None] - columns[0] - slope) / max(1, columns[-1] - columns[0])
    kept = reached < share if rng.random() < 0.5 else reached > 1 - share
    return np.asarray(whole * kept, np.float32)


def turned(digits: Digits, rng: np.random.Generator, held_out: bool) -> Float32Array | None:
    """Turns a digit on its side or upside down."""
    _, ink = scanned_or_drawn(digits, rng)
    return np.ascontiguousarray(np.rot90(ink, int(rng.integers(1, 4))))


def sign(digits: Digits, rng: np.random.Generator, held_out: bool) -> Float32Array | None:
    shape = list(shapes.SIGNS.values())[rng.integers(len(shapes.SIGNS))]
    return inked(bones_of(shapes.shaky(shape(rng), rng), HEIGHT), any_pen(rng))


def stroke_letter(digits: Digits, rng: np.random.Generator, held_out: bool) -> Float32Array | None:
    lines = list(STROKE_LETTERS.values())[rng.integers(len(STROKE_LETTERS))]
    drawing = bones_of(shapes.shaky(lines, rng, 0.05), HEIGHT)
    return inked(resized(drawing, HEIGHT, float(np.exp(rng.normal(0, 0.2)))), any_pen(rng))


def letter(digits: Digits, rng: np.random.Generator, held_out: bool) -> Float32Array | None:
    return latin_letter(rng, held_out)


def script(digits: Digits, rng: np.random.Generator, held_out: bool) -> Float32Array | None:
    return script_letter(rng, held_out)


def ruling(digits: Digits, rng: np.random.Generator, held_out: bool) -> Float32Array | None:
    """Draws nearly level lines, or pieces of one."""
    page, draw = blank()
    length, width = rng.uniform(15, 60), int(rng.integers(1, 14))
    tilt = rng.uniform(-0.5, 0.5) * length
    for k in range(int(rng.choice([1, 1, 1, 2, 3]))):
        down = k * rng.uniform(12, 30)
        draw.line([64 - length, 40 - tilt + down, 64 + length, 40 + tilt + down], 255, width)
    return ink_of(page)


def frame(digits: Digits, rng: np.random.Generator, held_out: bool) -> Float32Array | None:
    """Draws two to four sides of a frame, or a corner of a grid."""
    page, draw = blank()
    (left, top), (right, bottom), width = rng.uniform(5, 45, 2), rng.uniform(75, 122, 2), int(rng.integers(1, 12))
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    first = int(rng.integers(4))
    for k in range(int(rng.choice([2, 3, 4]))):
        draw.line([corners[(first + k) % 4], corners[(first + k + 1) % 4]], 255, width)
    if rng.random() < 0.3:
        middle = rng.uniform(left, right)
        draw.line([(middle, top - 5), (middle, bottom + 5)], 255, width)
    return ink_of(page)


def scribble(digits: Digits, rng: np.random.Generator, held_out: bool) -> Float32Array | None:
    """Leads a pen about at random."""
    page, draw = blank()
    width = int(rng.integers(2, 15))
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        stops = rng.uniform(12, 116, (int(rng.integers(3, 9)), 2))
        places = np.linspace(0, len(stops) - 1, 80)
        curve = [ndimage.map_coordinates(stops[:, axis], [places], order=3, mode="nearest") for axis in (0, 1)]
        draw.line([tuple(each) for each in np.stack(curve, axis=1).tolist()], 255, width, joint="curve")
    return ink_of(page)


def wander(digits: Digits, rng: np.random.Generator, held_out: bool) -> Float32Array | None:
    """Draws a tangle: a smoothed random walk."""
    page, draw = blank()
    steps = np.cumsum(rng.normal(0, 1, (int(rng.integers(40, 160)), 2)), axis=0)
    smooth = ndimage.gaussian_filter1d(steps, rng.uniform(1, 4), axis=0)
    smooth = 10 + 108 * (smooth - smooth.min(axis=0)) / max(float(np.ptp(smooth)), 1e-6)
    draw.line([tuple(each) for each in smooth.tolist()], 255, int(rng.integers(2, 12)), joint="curve")
    return ink_of(page)


def blot(digits: Digits, rng: np.random.Generator, held_out: bool) -> Float32Array | None:
    """Draws clouds and grain, fine to coarse, or a single spot."""
    if rng.random() < 0.3:
        page, draw = blank()
        wide, high = rng.uniform(8, 40, 2)
        draw.ellipse([64 - wide, 64 - high, 64 + wide, 64 + high], 255)
        return np.asarray(ink_of(page) * (1 - 0.4 * np.abs(cloud(rng, 2)).clip(0, 1)), np.float32)
    return np.asarray(np.clip(cloud(rng, rng.uniform(1, 14)) - rng.uniform(-0.5, 1.5), 0, 1), np.float32)


def filled(digits: Digits, rng: np.random.Generator, held_out: bool) -> Float32Array | None:
    """Draws filled shapes with texture, such as clothes."""
    page, draw = blank()
    for _ in range(int(rng.choice([1, 2, 3, 4]))):
        (x, y), (wide, high) = rng.uniform(30, 98, 2), rng.uniform(8, 50, 2)
        shape = draw.ellipse if rng.random() < 0.3 else draw.rectangle
        shape([x - wide, y - high, x + wide, y + high], int(rng.integers(60, 256)))
        if rng.random() < 0.3:
            draw.polygon([tuple(each) for each in rng.uniform(10, 118, (4, 2)).tolist()], int(rng.integers(60, 256)))
    texture = 1 + rng.uniform(0, 0.4) * cloud(rng, rng.uniform(1, 8))
    return np.asarray(ink_of(page) * np.clip(texture, 0, 1), np.float32)


def blank() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    page = Image.new("L", (CANVAS, CANVAS))
    return page, ImageDraw.Draw(page)


def ink_of(page: Image.Image) -> Float32Array:
    return np.asarray(page, np.float32) / np.float32(255)


def cloud(rng: np.random.Generator, sigma: float) -> Float32Array:
    """Returns smooth noise of standard deviation 1, [CANVAS, CANVAS]."""
    small = ndimage.gaussian_filter(rng.normal(size=(64, 64)).astype(np.float32), sigma / 2)
    large = Image.fromarray(small / small.std()).resize((CANVAS, CANVAS), Image.Resampling.BILINEAR)
    return np.asarray(large, np.float32)


# Each kind, its share of all negatives, and from which certainty of a net of ten digits a mark of the kind is left out
# because it may well be a digit. Marks of kinds with 2 are never left out.
KINDS: dict[str, tuple[Make, float, float]] = {
    "piece": (piece, 0.3, 0.98),
    "group": (group, 0.16, 2),
    "neighbour": (neighbour, 0.1, 0.99),
    "letter": (letter, 0.14, 0.995),
    "script": (script, 0.1, 0.97),
    "stroke_letter": (stroke_letter, 0.05, 0.995),
    "sign": (sign, 0.06, 0.97),
    "ruling": (ruling, 0.03, 2),
    "frame": (frame, 0.03, 0.995),
    "scribble": (scribble, 0.04, 0.9),
    "wander": (wander, 0.02, 0.9),
    "blot": (blot, 0.04, 0.97),
    "filled": (filled, 0.04, 0.97),
    "turned": (turned, 0.06, 0.9),
}
