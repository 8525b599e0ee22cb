"""Pages of handwritten numbers made from MNIST test digits: known text, drawn light, paper, tilt and noise, by seed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tinydigits.data.dataset import Dataset

# Degrees of tilt either way, and how many numbers and digits a page holds.
TILT = 20.0
ROWS = (1, 6)
NUMBERS_IN_ROW = (1, 3)
DIGITS_IN_NUMBER = (1, 12)
DIGITS_IN_ROW = 14
# The height of a digit in pixels, and how far its neighbours differ from it and wander.
DIGIT_HEIGHT = (40, 80)


@dataclass(frozen=True, eq=False)
class DrawnPage:
    """A page: its picture, RGB, and its text, with spaces between numbers and newlines between rows."""

    picture: Image.Image
    text: str


def page(digits: Dataset, seed: int) -> DrawnPage:
    """One page; the same digits and seed give the same page."""
    rng = np.random.default_rng(seed)
    height = int(rng.integers(*DIGIT_HEIGHT))
    rows = [row_of_numbers(rng) for _ in range(rng.integers(*ROWS, endpoint=True))]
    drawn = [drawn_row(digits, numbers, height, rng) for numbers in rows]
    ink = np.zeros((int(height * (1.9 * len(rows) + 1)), max(row.shape[1] for row in drawn) + 2 * height), np.float32)
    for index, row in enumerate(drawn):
        top, left = int(height * (0.6 + 1.9 * index)), int(rng.integers(height // 2, ink.shape[1] - row.shape[1]))
        ink[top : top + row.shape[0], left : left + row.shape[1]] = row
    tilted = Image.fromarray(ink).rotate(rng.uniform(-TILT, TILT), Image.Resampling.BILINEAR, expand=True)
    text = "\n".join(" ".join("".join(map(str, number)) for number in numbers) for numbers in rows)
    return DrawnPage(on_paper(np.asarray(tilted), rng), text)


def row_of_numbers(rng: np.random.Generator) -> list[list[int]]:
    """Numbers of 1 to 12 digits, together no more than fit on a row."""
    numbers: list[list[int]] = []
    for _ in range(rng.integers(*NUMBERS_IN_ROW, endpoint=True)):
        length = int(rng.integers(*DIGITS_IN_NUMBER, endpoint=True))
        if sum(map(len, numbers)) + length <= DIGITS_IN_ROW:
            numbers.append(rng.integers(0, 10, length).tolist())
    return numbers


def drawn_row(digits: Dataset, numbers: list[list[int]], height: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Ink of one row: float32 [1.4 · height, width], 0 to 1."""
    pieces = []
    for number in numbers:
        for value in number:
            pieces += [drawn_digit(digits, value, height, rng), blank(height, rng.uniform(0.08, 0.35))]
        pieces.append(blank(height, rng.uniform(1.2, 2.0)))
    return np.concatenate(pieces[:-2], axis=1)


def drawn_digit(digits: Dataset, value: int, height: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """One digit at about `height`, somewhat up or down on the row."""
    choices = np.flatnonzero(digits.labels == value)
    image = digits.images[choices[rng.integers(len(choices))]]
    columns = np.flatnonzero(image.any(axis=0))
    rows = np.flatnonzero(image.any(axis=1))
    tight = Image.fromarray(image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    # Wide digits keep their 20 pixels of width in MNIST: scale them as it scaled them.
    scale = height * rng.uniform(0.85, 1.1) / 20
    large = tight.resize(
        (max(2, round(tight.width * scale)), max(2, round(tight.height * scale))), Image.Resampling.BICUBIC
    )
    ink = np.zeros((int(1.4 * height), large.width), np.float32)
    free = ink.shape[0] - large.height
    top = int(np.clip(free / 2 + rng.uniform(-0.1, 0.1) * height, 0, free))
    ink[top : top + large.height] = np.asarray(large, np.float32) / 255
    return ink


def blank(height: int, width: float) -> NDArray[np.float32]:
    """Paper between digits; `width` as a share of the height."""
    return np.zeros((int(1.4 * height), max(1, int(width * height))), np.float32)


def on_paper(ink: NDArray[np.float32], rng: np.random.Generator) -> Image.Image:
    """Ink on grained paper of some colour, in light that falls off to one side, a little blurred and noisy."""
    shape = ink.shape
    grain = Image.fromarray(rng.normal(0, 1, (shape[0] // 3 + 1, shape[1] // 3 + 1)).astype(np.float32))
    texture = np.asarray(grain.resize(shape[::-1], Image.Resampling.BICUBIC)) * rng.uniform(0, 4)
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 + rng.uniform(0, 0.3) * (x * np.cos(angle) + y * np.sin(angle))
    paper = np.array([rng.uniform(200, 245), rng.uniform(195, 240), rng.uniform(170, 235)])
    pen = np.array([rng.uniform(10, 90), rng.uniform(10, 60), rng.uniform(10, 120)])
    colour = paper + texture[..., None] + (pen - paper) * ink[..., None]
    seen = Image.fromarray(np.clip(colour * light[..., None] * 0.8, 0, 255).astype(np.uint8))
    blurred = np.asarray(seen.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.5))), np.float32)
    noise = rng.normal(0, rng.uniform(0, 8), blurred.shape)
    return Image.fromarray(np.clip(blurred + noise, 0, 255).astype(np.uint8))
