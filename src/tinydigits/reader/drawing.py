"""Draws the result of reading on a picture, with Pillow: boxes, digits and confidence."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tinydigits.reader.reading import Digit, Reading

FOUND, REFUSED = "#0a7d38", "#c2410c"
# Smaller pictures are enlarged to at least this width, in pixels, so that labels are readable.
LEAST_WIDTH = 320
# Distance between a box and its label, in pixels.
GAP = 3


def annotated(picture: Image.Image, reading: Reading) -> Image.Image:
    """Draws a box round each mark; above each digit what it is, and below it the confidence in percent.

    Marks that are no digit get a box without a label. Labels are no wider than their digits, so none covers another.
    White is added above and below the picture if the labels need it.
    """
    scale = max(1, -(-LEAST_WIDTH // picture.width))
    canvas = picture.convert("RGB").resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)
    digits = [([value * scale for value in digit.box], digit) for digit in reading.digits]
    above = max([label_size(box) + GAP - box[1] for box, _ in digits], default=0)
    below = max([box[1] + box[3] + label_size(box) + GAP - canvas.height for box, _ in digits], default=0)
    above, below = max(0, above), max(0, below)
    spacious = Image.new("RGB", (canvas.width, canvas.height + above + below), "white")
    spacious.paste(canvas, (0, above))
    draw = ImageDraw.Draw(spacious)
    for mark in reading.rejected:
        draw_box(draw, [value * scale for value in mark.box], above, REFUSED)
    for box, digit in digits:
        draw_box(draw, box, above, FOUND)
        draw_label(draw, box, above, digit)
    return spacious


def label_size(box: list[int]) -> int:
    """Returns the height of a digit's label, in pixels: as large as fits beside the neighbours."""
    return int(np.clip(0.4 * min(2.2 * box[2], box[3]), 9, 40))


def draw_box(draw: ImageDraw.ImageDraw, box: list[int], down: int, colour: str) -> None:
    left, top, width, height = box
    line = max(1, round(height / 60))
    corners = (left - line, down + top - line, left + width + line, down + top + height + line)
    draw.rectangle(corners, outline=colour, width=line)


def draw_label(draw: ImageDraw.ImageDraw, box: list[int], down: int, digit: Digit) -> None:
    """Writes the digit above its box and its confidence below."""
    left, top, width, height = box
    size = label_size(box)
    draw.text((left + width / 2, down + top - 2), str(digit.digit), FOUND, ImageFont.load_default(size), "mb")
    small = ImageFont.load_default(int(np.clip(width / 2, 8, size)))
    percent = f"{100 * digit.confidence:.0f}"
    draw.text((left + width / 2, down + top + height + GAP), percent, FOUND, small, "mt")
