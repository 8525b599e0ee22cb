"""Draws the result of reading on a picture, with Pillow: boxes, digits and confidence."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tinydigits.reader.reading import Digit, Reading

FOUND, REFUSED = "#0a7d38", "#c2410c"
# Smaller pictures are enlarged to at least this width, in pixels, so that labels are readable.
LEAST_WIDTH = 320
# Room above and below the picture for labels, in heights of its highest digit.
LABEL_ROOM = 0.45


def annotated(picture: Image.Image, reading: Reading) -> Image.Image:
    """Draws a box round each mark; above each digit what it is, and below it the confidence in percent.

    Marks that are no digit get a box without a label. Labels are no wider than their digits, so none covers another.
    """
    scale = max(1, -(-LEAST_WIDTH // picture.width))
    canvas = picture.convert("RGB").resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)
    room = LABEL_ROOM * max([digit.box[3] * scale for digit in reading.digits], default=0)
    spacious = Image.new("RGB", (canvas.width, canvas.height + 2 * round(room)), "white")
    spacious.paste(canvas, (0, round(room)))
    draw = ImageDraw.Draw(spacious)
    for mark in reading.rejected:
        draw_box(draw, [value * scale for value in mark.box], round(room), REFUSED)
    for digit in reading.digits:
        box = [value * scale for value in digit.box]
        draw_box(draw, box, round(room), FOUND)
        label(draw, box, round(room), digit)
    return spacious


def draw_box(draw: ImageDraw.ImageDraw, box: list[int], down: int, colour: str) -> None:
    left, top, width, height = box
    line = max(1, round(height / 60))
    draw.rectangle(
        (left - line, down + top - line, left + width + line, down + top + height + line), outline=colour, width=line
    )


def label(draw: ImageDraw.ImageDraw, box: list[int], down: int, digit: Digit) -> None:
    """Writes the digit above its box and its confidence below, as large as fits beside the neighbours."""
    left, top, width, height = box
    size = int(np.clip(0.4 * min(width * 2.2, height), 9, 40))
    draw.text((left + width / 2, down + top - 2), str(digit.digit), FOUND, ImageFont.load_default(size), "mb")
    percent = f"{100 * digit.confidence:.0f}"
    small = int(np.clip(width / 2, 8, size))
    draw.text((left + width / 2, down + top + height + 3), percent, FOUND, ImageFont.load_default(small), "mt")
