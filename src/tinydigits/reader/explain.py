"""Shows why a model reads a digit as it does, in numbers and as a picture drawn with Pillow.

The method is occlusion (Zeiler & Fergus 2014, "Visualizing and understanding convolutional networks", section 4.2).
A small patch of background hides each place in turn. The log-probability that the answer loses is the worth of the
strokes at that place.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tinydigits.arrays import Float64Array, Int64Array, Predict, UInt8Images
from tinydigits.data.dataset import Dataset
from tinydigits.reader.confidence import LEAST_PROBABILITY
from tinydigits.reader.drawing import annotated
from tinydigits.reader.reading import Digit, Reading

# Side of the patch, in pixels of 28: about two strokes wide.
PATCH = 5
# Number of nearest training images to show.
NEIGHBOURS = 5
# At most this many digits are explained in one drawing.
MOST_DIGITS = 8

INK, PAPER, SOFT = "#1f2430", "#ffffff", "#6b7280"
FOR, AGAINST = np.array([220, 38, 38]), np.array([37, 99, 235])
PANEL, MARGIN, HEADER = 168, 16, 22
PICTURE_WIDTH = 5 * PANEL
LEGEND = "What decided, found by occlusion: red where hiding a patch hurts the answer, blue where it helps."


@dataclass(frozen=True, eq=False)
class Why:
    """The reasons for one answer.

    Attributes:
        digit: the digit that was read.
        worth: float64 [28, 28], log-probability (nats) that the answer loses if the patch hides a place; negative
            if hiding it helps the answer.
        nearest: uint8 [k, 28, 28], the training images nearest by Euclidean distance of pixels, nearest first.
        labels: int64 [k], the labels of `nearest`.
    """

    digit: Digit
    worth: Float64Array
    nearest: UInt8Images
    labels: Int64Array


def why(digit: Digit, predict: Predict, train: Dataset) -> Why:
    """Finds the reasons for `digit`: occlusion with the model `predict`, and the nearest images of `train`."""
    order = nearest_to(digit.image, train.images)
    return Why(digit, occlusion(digit, predict), train.images[order], train.labels[order])


def occlusion(digit: Digit, predict: Predict) -> Float64Array:
    """Returns float64 [28, 28]: the log-probability that the answer loses if a patch hides this place."""
    side = digit.image.shape[0]
    hidden = np.repeat(digit.image[None], side * side, axis=0)
    for place, image in enumerate(hidden):
        row, column = divmod(place, side)
        reach = PATCH // 2
        image[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1] = 0
    answers = predict(np.concatenate((digit.image[None], hidden)))[:, digit.digit]
    logarithms = np.log(np.maximum(answers.astype(np.float64), LEAST_PROBABILITY))
    return np.asarray((logarithms[0] - logarithms[1:]).reshape(side, side))


def nearest_to(image: UInt8Images, images: UInt8Images) -> Int64Array:
    """Returns the positions of the `NEIGHBOURS` images nearest to `image`, nearest first."""
    rows = images.reshape(len(images), -1).astype(np.float32)
    one = image.ravel().astype(np.float32)
    # |a − b|² = |a|² − 2 a·b + |b|²; |b|² is the same for all images and is left out.
    distances = np.einsum("ij,ij->i", rows, rows) - 2 * rows @ one
    return np.asarray(np.argsort(distances, kind="stable")[:NEIGHBOURS])


def drawing(picture: Image.Image, reading: Reading, reasons: list[Why]) -> Image.Image:
    """Draws the picture with boxes and, below it, a row of four panels for each digit."""
    top = fitted(annotated(picture, reading), PICTURE_WIDTH)
    height = top.height + 3 * MARGIN + 2 * HEADER + len(reasons) * (PANEL + MARGIN)
    canvas = Image.new("RGB", (PICTURE_WIDTH + 6 * MARGIN, height), PAPER)
    canvas.paste(top, ((canvas.width - top.width) // 2, MARGIN))
    draw = ImageDraw.Draw(canvas)
    titles = ("what the model sees", "probabilities", "what decided (occlusion)", "nearest training digits")
    for column, title in enumerate(titles):
        write(draw, left_of(column), top.height + 2 * MARGIN, title, SOFT)
    for row, reason in enumerate(reasons):
        draw_row(canvas, top.height + 2 * MARGIN + HEADER + row * (PANEL + MARGIN), reason)
    write(draw, MARGIN, height - MARGIN - HEADER // 2, LEGEND, SOFT)
    return canvas


def fitted(image: Image.Image, width: int) -> Image.Image:
    """Shrinks a picture to at most `width` pixels in width and height."""
    copy = image.copy()
    copy.thumbnail((width, width))
    return copy


def left_of(column: int) -> int:
    """Returns the left edge of a column of panels, in pixels."""
    return MARGIN + column * (PANEL + MARGIN)


def draw_row(canvas: Image.Image, top: int, reason: Why) -> None:
    """Draws the four panels of one digit."""
    canvas.paste(enlarged(reason.digit.image), (left_of(0), top))
    draw_bars(ImageDraw.Draw(canvas), left_of(1), top, reason.digit)
    canvas.paste(enlarged(heat(reason.digit.image, reason.worth)), (left_of(2), top))
    for index, (image, label) in enumerate(zip(reason.nearest, reason.labels, strict=True)):
        left = left_of(3) + index * (PANEL // 3 + 6)
        canvas.paste(Image.fromarray(image).resize((PANEL // 3, PANEL // 3), Image.Resampling.NEAREST), (left, top))
        write(ImageDraw.Draw(canvas), left + PANEL // 6 - 4, top + PANEL // 3 + 2, str(label), INK)


def enlarged(image: UInt8Images) -> Image.Image:
    return Image.fromarray(image).convert("RGB").resize((PANEL, PANEL), Image.Resampling.NEAREST)


def draw_bars(draw: ImageDraw.ImageDraw, left: int, top: int, digit: Digit) -> None:
    """Draws the ten probabilities as bars; the bar of the answer is dark."""
    step, longest = PANEL / 10, PANEL - 62
    for value, probability in enumerate(digit.probabilities.tolist()):
        y = top + value * step
        colour = INK if value == digit.digit else SOFT
        write(draw, left, y, str(value), colour)
        draw.rectangle((left + 14, y + 3, left + 14 + longest * probability, y + step - 4), fill=colour)
        write(draw, left + 18 + longest, y, f"{100 * probability:.1f}%", colour)


def heat(image: UInt8Images, worth: Float64Array) -> UInt8Images:
    """Colours the ink red where hiding it hurts the answer and blue where it helps: uint8 [28, 28, 3]."""
    strength = np.clip(worth / max(float(np.abs(worth).max()), 1e-9), -1, 1)[..., None]
    colour = np.where(strength > 0, FOR, AGAINST)
    grey = 255 - image[..., None] * 0.65
    return np.asarray(grey + (colour - grey) * np.abs(strength) * 0.75, np.uint8)


def write(draw: ImageDraw.ImageDraw, x: float, y: float, text: str, colour: str) -> None:
    draw.text((x, y), text, fill=colour, font=ImageFont.load_default(13))
