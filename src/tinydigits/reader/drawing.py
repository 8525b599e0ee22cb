"""Draws the result of reading on a picture, with Pillow: boxes, digits and confidence."""

from PIL import Image, ImageDraw, ImageFont

from tinydigits.reader.reading import Reading

FOUND, REFUSED = "#0a7d38", "#c2410c"
# Smaller pictures are enlarged to at least this width, in pixels, so that labels are readable.
LEAST_WIDTH = 320


def annotated(picture: Image.Image, reading: Reading) -> Image.Image:
    """Draws a box for each mark, with its digit and confidence in percent, or with `no` if it was rejected."""
    scale = max(1, -(-LEAST_WIDTH // picture.width))
    size = (picture.width * scale, picture.height * scale)
    canvas = picture.convert("RGB").resize(size, Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(canvas)
    for mark in reading.rejected:
        draw_box(draw, mark.box, scale, "no", REFUSED)
    for digit in reading.digits:
        draw_box(draw, digit.box, scale, f"{digit.digit} {100 * digit.confidence:.0f}%", FOUND)
    return canvas


def draw_box(draw: ImageDraw.ImageDraw, box: tuple[int, ...], scale: int, label: str, colour: str) -> None:
    left, top, width, height = (value * scale for value in box)
    line = max(1, round(height / 60))
    draw.rectangle((left - line, top - line, left + width + line, top + height + line), outline=colour, width=line)
    font = ImageFont.load_default(max(10, min(24, width // 4)))
    extent = draw.textbbox((0, 0), label, font=font)
    above = max(0, top - line - extent[3] - 3)
    draw.rectangle((left - line, above, left - line + extent[2] + 4, above + extent[3] + 3), fill=colour)
    draw.text((left - line + 2, above), label, fill="white", font=font)
