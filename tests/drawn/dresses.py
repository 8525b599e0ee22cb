"""The same drawing in many dresses: any size, cropped or padded, inverted, coloured, transparent."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageOps

from tinydigits.data.dataset import Dataset

# Empty columns between two digits, of 28 pixels' height, and around them all.
GAP, MARGIN = 6, 4


def drawing(digits: Dataset, text: str, side: int = 280, which: int = 1) -> Image.Image:
    """Dark digits on white paper, the longer side so many pixels; MNIST digits, enlarged smoothly."""
    tight = []
    for each in text:
        image = digits.images[np.flatnonzero(digits.labels == int(each))[which]]
        columns = np.flatnonzero(image.any(axis=0))
        tight += [image[:, columns[0] : columns[-1] + 1], np.zeros((28, GAP), np.uint8)]
    row = np.pad(np.concatenate(tight[:-1], axis=1), MARGIN)
    scale = side / max(row.shape)
    size = (round(row.shape[1] * scale), round(row.shape[0] * scale))
    return ImageOps.invert(Image.fromarray(row).resize(size, Image.Resampling.BICUBIC))


def cropped(picture: Image.Image) -> Image.Image:
    """Cut to the ink."""
    ink = np.asarray(picture) < 128
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return picture.crop((int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))


def padded(picture: Image.Image) -> Image.Image:
    """With white paper around, half as wide as the longer side."""
    return ImageOps.expand(picture, max(picture.size) // 2, 255)


def coloured(ink: str | tuple[int, ...], paper: str | tuple[int, ...]) -> Callable[[Image.Image], Image.Image]:
    return lambda picture: ImageOps.colorize(picture, ink, paper)


def transparent(picture: Image.Image) -> Image.Image:
    """Black ink on nothing."""
    clear = Image.new("RGBA", picture.size, "black")
    clear.putalpha(ImageOps.invert(picture))
    return clear


DRESSES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "cropped": cropped,
    "padded": padded,
    "inverted": ImageOps.invert,
    "on orange": coloured("black", (255, 140, 0)),
    "white on red": coloured("white", (255, 0, 0)),
    "blue": coloured("blue", "white"),
    "red": coloured("red", "white"),
    "transparent": transparent,
}
