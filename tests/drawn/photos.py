"""Photos of handwritten phone numbers, made from MNIST digits: sheet, pen, table, shadow and camera, by seed.

`pages.py` draws what a scanner would see; here a phone is held over a sheet. Every photo is one condition, and "mixed"
draws several at once.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

from drawn.pages import DrawnPage
from tinydigits.data.dataset import Dataset

Floats = NDArray[np.float32]

CONDITIONS = ("plain", "ruled", "squared", "shadow", "table", "pencil", "sideways", "far", "large", "mixed")
# Each of the other conditions is part of a mixed photo with this probability.
MIXED_SHARE = 0.3
# Digits a group, as people write phone numbers.
GROUPINGS = ((3, 3, 4), (3, 4), (5, 6), (2, 2, 2, 2, 2), (4, 3, 3), (10,), (4, 7), (3, 2, 2))
DASHED_SHARE = 0.3
DIGIT_HEIGHT = (55, 130)
# Stroke width as a share of a digit's height: MNIST's own strokes are about 0.12, a ball pen's 0.04.
STROKE = (0.045, 0.12)
# Degrees either way; sideways photos lie at a right angle more.
TILT = 12.0
# How much nearer the one side of the sheet is than the other, at most.
PERSPECTIVE = 0.12


def photo(digits: Dataset, seed: int, condition: str) -> DrawnPage:
    """One photo; the same digits, seed and condition give the same photo."""
    rng = np.random.default_rng([seed, CONDITIONS.index(condition)])
    parts = {each for each in CONDITIONS[1:-1] if each == condition or rng.random() < MIXED_SHARE * is_mixed(condition)}
    height = int(rng.integers(*DIGIT_HEIGHT))
    rows = [grouped(rng) for _ in range(rng.integers(1, 4))]
    written = in_rows([row_of_ink(digits, row, height, rng) for row in rows], height, rng)
    layers = [written, lines_on(written.shape, height, parts, rng), sheet_of(written, height, parts, rng)]
    ink, lines, sheet = held_over(layers, written, height, parts, rng)
    picture = taken(lit(coloured(ink, lines, sheet, parts, rng), parts, rng), parts, rng)
    if "sideways" in parts:
        picture = picture.transpose(Image.Transpose.ROTATE_90 if rng.random() < 1 / 2 else Image.Transpose.ROTATE_270)
    return DrawnPage(picture, "\n".join(row.replace("-", " ") for row in rows))


def is_mixed(condition: str) -> bool:
    return condition == CONDITIONS[-1]


def grouped(rng: np.random.Generator) -> str:
    """A phone number, its groups parted by spaces or dashes."""
    grouping = GROUPINGS[rng.integers(len(GROUPINGS))]
    mark = "-" if rng.random() < DASHED_SHARE else " "
    return mark.join("".join(map(str, rng.integers(0, 10, size))) for size in grouping)


def row_of_ink(digits: Dataset, row: str, height: int, rng: np.random.Generator) -> Floats:
    """One row, unevenly spaced, on a line that wanders: [2 · height, width], 0 to 1."""
    width = max(2.5, height * rng.uniform(*STROKE))
    usual, phase = rng.uniform(0.08, 0.4), rng.uniform(0, 6)
    pieces = []
    for index, each in enumerate(row):
        if each.isdigit():
            drawn = pen_stroke(one_of(digits, int(each), rng), height * rng.uniform(0.8, 1.15), width)
        else:
            drawn = np.zeros((max(2, round(width)), int(0.4 * height)), np.float32)
            drawn[:] = each == "-"
        strip = np.zeros((2 * height, drawn.shape[1] + int(height * rng.uniform(0.3, 1.7) * usual)), np.float32)
        middle = height * (1 + 0.12 * np.sin(index / 2 + phase) + rng.uniform(-0.06, 0.06))
        top = int(np.clip(middle - drawn.shape[0] / 2, 0, 2 * height - drawn.shape[0]))
        strip[top : top + drawn.shape[0], : drawn.shape[1]] = drawn
        pieces.append(strip)
    return np.concatenate(pieces, axis=1)


def one_of(digits: Dataset, value: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    choices = np.flatnonzero(digits.labels == value)
    return digits.images[choices[rng.integers(len(choices))]]


def pen_stroke(image: NDArray[np.uint8], height: float, width: float) -> Floats:
    """A digit, uint8 [28, 28], enlarged, and drawn with a pen `width` pixels wide, tightly cut."""
    # Drawn at twice the size: what lies within `width` of the strokes' middle lines.
    side = 2 * round(28 * height / 20)
    mask = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)) > 60
    inside = ndimage.gaussian_filter(ndimage.distance_transform_edt(mask), 1.5)
    ridge = ndimage.maximum_filter(inside, 2 * int(np.ceil(width)) + 3)
    fine = np.clip(inside - np.maximum(ridge - width, 0), 0, 1)
    drawn = fine.reshape(side // 2, 2, side // 2, 2).mean(axis=(1, 3))
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    return drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)


def in_rows(rows: list[Floats], height: int, rng: np.random.Generator) -> Floats:
    """The rows beneath one another, none quite below the other."""
    pitch = int(height * rng.uniform(1.5, 2.2))
    written = np.zeros((pitch * (len(rows) - 1) + 2 * height, max(row.shape[1] for row in rows) + height), np.float32)
    for index, row in enumerate(rows):
        left = int(rng.integers(0, written.shape[1] - row.shape[1]))
        place = written[index * pitch : index * pitch + 2 * height, left : left + row.shape[1]]
        np.maximum(place, row, out=place)
    return written


def lines_on(shape: tuple[int, ...], height: int, parts: set[str], rng: np.random.Generator) -> Floats:
    """Ruled or squared paper, far beyond what is written on it; the strength of its print, 0 to 1."""
    lines = np.zeros([3 * extent for extent in shape], np.float32)
    pitch, strength = int(height * rng.uniform(1.0, 1.8)), rng.uniform(0.2, 0.7)
    thick = int(rng.integers(1, 4))
    if "squared" in parts:
        pitch = int(height * rng.uniform(0.4, 1.2))
    for start in range(thick):
        if parts & {"ruled", "squared"}:
            lines[start::pitch] = strength
        if "squared" in parts:
            lines[:, start::pitch] = strength
    return lines


def sheet_of(written: Floats, height: int, parts: set[str], rng: np.random.Generator) -> Floats:
    """1 on the sheet, 0 on the table that it lies on."""
    sheet = np.ones([3 * extent for extent in written.shape], np.float32)
    if "table" in parts:
        for axis, extent in enumerate(written.shape):
            before, after = (int(extent - height * rng.uniform(0.3, 2.5)) for _ in range(2))
            np.moveaxis(sheet, axis, 0)[: max(before, 0)] = 0
            np.moveaxis(sheet, axis, 0)[3 * extent - max(after, 0) :] = 0
    return sheet


def held_over(
    layers: list[Floats], written: Floats, height: int, parts: set[str], rng: np.random.Generator
) -> list[Floats]:
    """The layers as a camera sees them that is neither level nor straight above."""
    padded = np.pad(written, [(extent, extent) for extent in written.shape])
    angle = np.radians(rng.uniform(-TILT, TILT))
    margin = height * (rng.uniform(3, 7) if "far" in parts else rng.uniform(0.6, 2.5))
    across, down = (written.shape[1] * abs(np.cos(angle)), written.shape[0] * abs(np.cos(angle)))
    size = (
        int(across + written.shape[0] * abs(np.sin(angle)) + margin),
        int(down + written.shape[1] * abs(np.sin(angle)) + margin),
    )
    rotation = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    nearer = np.eye(3)
    nearer[2, :2] = rng.uniform(-PERSPECTIVE, PERSPECTIVE, 2) / max(size)
    back = shift(padded.shape[1] / 2, padded.shape[0] / 2) @ rotation @ nearer @ shift(-size[0] / 2, -size[1] / 2)
    numbers = (back / back[2, 2]).ravel()[:8].tolist()
    return [
        np.asarray(
            Image.fromarray(layer).transform(size, Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BILINEAR)
        )
        for layer in (padded, *layers[1:])
    ]


def shift(x: float, y: float) -> NDArray[np.float64]:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]])


def coloured(ink: Floats, lines: Floats, sheet: Floats, parts: set[str], rng: np.random.Generator) -> Floats:
    """Reflectances [height, width, 3], 0 to 1: pen, print, paper with its grain and creases, table."""
    shape = ink.shape
    paper = np.array([rng.uniform(0.8, 0.95), rng.uniform(0.78, 0.92), rng.uniform(0.68, 0.9)])
    dark = rng.uniform(0.35, 0.6) if "pencil" in parts else rng.uniform(0.05, 0.3)
    pen = dark + rng.uniform(0, 0.25, 3) * (rng.integers(0, 2, 3) if "pencil" not in parts else 0)
    pressure = 1 - rng.uniform(0.1, 0.5) * (cloud(shape, 12, rng) > 0.6) * cloud(shape, 9, rng)
    if "pencil" in parts:
        pressure = pressure * (1 - 0.35 * rng.random(shape))
    print_colour = np.array([rng.uniform(0.3, 0.7), rng.uniform(0.4, 0.7), rng.uniform(0.5, 0.85)])
    colour = paper * (1 + 0.03 * rng.random() * rng.normal(0, 1, shape) + 0.06 * cloud(shape, 60, rng))[..., None]
    colour += (print_colour - paper) * lines[..., None]
    colour += (pen - colour) * np.clip(ink * pressure, 0, 1)[..., None]
    if rng.random() < 1 / 3:
        colour *= crease(shape, rng)[..., None]
    wood = rng.uniform(0.06, 0.7) * np.array([1, rng.uniform(0.6, 1), rng.uniform(0.4, 1)])
    table = wood * (1 + 0.3 * ndimage.uniform_filter1d(rng.normal(0, 1, shape), 41, axis=1) * 3)[..., None]
    under = ndimage.shift(sheet, (rng.integers(-6, 7), rng.integers(-6, 7)), order=0, mode="nearest")
    table *= 1 - 0.4 * ndimage.uniform_filter(under, 9)[..., None]
    return np.asarray(sheet[..., None] * colour + (1 - sheet[..., None]) * table, np.float32)


def cloud(shape: tuple[int, ...], size: int, rng: np.random.Generator) -> Floats:
    """Smooth noise, 0 to 1, of patches about `size` pixels wide."""
    coarse = rng.random([extent // size + 2 for extent in shape], np.float32)
    return np.asarray(Image.fromarray(coarse).resize(shape[::-1], Image.Resampling.BILINEAR))


def crease(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """The shading of one fold: brighter on the one side, darker on the other, over a few pixels."""
    distance = distance_from_line(shape, rng)
    return np.asarray(1 + rng.uniform(0.02, 0.12) * np.exp(-np.abs(distance) / 4) * np.sign(distance), np.float32)


def distance_from_line(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Pixels from a line at any angle somewhere in the picture, negative on its one side."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    through = rng.uniform(0.2, 0.8, 2) * shape
    return np.asarray((y - through[0]) * np.sin(angle) + (x - through[1]) * np.cos(angle), np.float32)


def lit(colour: Floats, parts: set[str], rng: np.random.Generator) -> Floats:
    """The scene in light that falls off, warm or cold, perhaps with the edge of a shadow across it."""
    shape = colour.shape[:2]
    light = 1 + rng.uniform(0, 0.4) * distance_from_line(shape, rng) / max(shape)
    if "shadow" in parts:
        for _ in range(rng.integers(1, 3)):
            edge = distance_from_line(shape, rng) + 25 * (cloud(shape, 150, rng) - 0.5) * rng.integers(0, 2)
            light *= 1 - rng.uniform(0.3, 0.65) / (1 + np.exp(np.clip(-edge / rng.uniform(1, 12), -30, 30)))
    warmth = np.array([rng.uniform(0.9, 1.05), 1, rng.uniform(0.8, 1.05)])
    return np.asarray(colour * np.clip(light, 0.1, 2)[..., None] * warmth * rng.uniform(0.6, 1.05), np.float32)


def taken(scene: Floats, parts: set[str], rng: np.random.Generator) -> Image.Image:
    """What a phone's file holds: scaled, a little out of focus, noisy, and compressed."""
    seen = Image.fromarray((np.clip(scene, 0, 1) ** (1 / 1.2) * 255).astype(np.uint8))
    if "large" in parts:
        scale = min(rng.uniform(1.5, 4), (12e6 / (seen.width * seen.height)) ** 0.5)
        seen = seen.resize((round(seen.width * scale), round(seen.height * scale)), Image.Resampling.BICUBIC)
    blurred = np.asarray(seen.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.3))), np.int16)
    noise = rng.normal(0, rng.uniform(1, 7), blurred.shape[:2])[..., None] + rng.normal(0, 2, blurred.shape)
    data = io.BytesIO()
    noisy = np.clip(blurred + noise, 0, 255).astype(np.uint8)
    Image.fromarray(noisy).save(data, "JPEG", quality=int(rng.integers(55, 93)))
    return Image.open(data)
