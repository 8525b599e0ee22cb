"""What people see on screens: canvases to draw on, in pages of either colour, and plots of matplotlib's."""

import io
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tinydigits.arrays import UInt8Images

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
Colour = tuple[int, int, int]
# The page, and its canvas's place and side, in pixels.
PAGE, PLACE, SIDE = (640, 480), (180, 40), 280


@dataclass(frozen=True)
class Screen:
    """How a page with a canvas looks.

    Attributes:
        round: radius of the canvas's corners, in pixels.
        border: colour of a line of three pixels around the canvas; None for none.
    """

    page: Colour = WHITE
    canvas: Colour = BLACK
    ink: Colour = WHITE
    round: int = 16
    border: Colour | None = None


SCREENS = {
    "black canvas": Screen(),
    "sharp corners": Screen(round=0),
    "blue border": Screen(border=(0, 110, 230)),
    "box of a line": Screen(canvas=WHITE, ink=BLACK, round=0, border=(60, 60, 60)),
    "dark page": Screen(page=(18, 18, 18), canvas=WHITE, ink=BLACK),
    "dark on dark": Screen(page=(18, 18, 18), canvas=(40, 40, 40)),
}


def screenshot(image: UInt8Images, screen: Screen) -> Image.Image:
    """A page with a canvas, on which somebody drew the digit of an image [28, 28], and a button."""
    picture = Image.new("RGB", PAGE, screen.page)
    draw = ImageDraw.Draw(picture)
    x, y = PLACE
    if screen.border:
        draw.rounded_rectangle((x - 3, y - 3, x + SIDE + 3, y + SIDE + 3), screen.round + 3, screen.border)
    draw.rounded_rectangle((x, y, x + SIDE, y + SIDE), screen.round, screen.canvas)
    large = Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(3))
    strokes = large.point(lambda value: 255 * (value > 90))
    picture.paste(Image.new("RGB", (SIDE, SIDE), screen.ink), PLACE, strokes)
    draw.rounded_rectangle((x, 350, x + 90, 384), 6, (0, 110, 230))
    draw.text((x + 20, 360), "Predict", WHITE)
    return picture


def plotted(images: UInt8Images, rows: int, colours: str, *, axes: bool) -> Image.Image:
    """What matplotlib draws of images [n, 28, 28], in so many rows."""
    figure, places = plt.subplots(rows, len(images) // rows, figsize=(5, 5), squeeze=False)
    for place, image in zip(places.flat, images, strict=True):
        place.imshow(image, cmap=colours)
        place.set_title("a title")
        if not axes:
            place.axis("off")
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    plt.close(figure)
    return Image.open(io.BytesIO(drawn.getvalue()))


def box_of(image: UInt8Images) -> tuple[int, int, int, int]:
    """Where a screenshot shows the digit of an image [28, 28]: (left, top, right, bottom), to a few pixels."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    scale = SIDE / 28
    left, top = PLACE[0] + scale * columns[0], PLACE[1] + scale * rows[0]
    return int(left), int(top), int(PLACE[0] + scale * (columns[-1] + 1)), int(PLACE[1] + scale * (rows[-1] + 1))
