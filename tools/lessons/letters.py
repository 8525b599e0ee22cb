"""Letters that nobody takes for a digit: drawn from lines, and set in type."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from lessons.faces import any_face
from lessons.shapes import Lines, arc, line
from tinydigits.arrays import Float32Array

# Signs that are set among Latin letters.
SIGNS = '+=[]{}<>?!#%&*@$~^"§¶±×÷'


def set_in_type(text: str, font: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Float32Array:
    """Returns the ink of a text in some weight."""
    page = Image.new("L", (240, 140))
    weight = int(rng.choice([0, 0, 0, 1, 2]))
    ImageDraw.Draw(page).text((50, 30), text, fill=255, font=font, stroke_width=weight, stroke_fill=255)
    ink = np.asarray(page, np.float32) / 255
    return np.asarray(ndimage.gaussian_filter(ink, rng.uniform(0, 1)), np.float32)


def latin_letter(rng: np.random.Generator, held_out: bool = False) -> Float32Array:
    face = any_face(rng, held_out, script=False)
    text = "".join(rng.choice(list(face.letters + SIGNS), 2 if rng.random() < 0.15 else 1))
    return set_in_type(text, face.font, rng)


def script_letter(rng: np.random.Generator, held_out: bool = False) -> Float32Array:
    """A letter of another script."""
    face = any_face(rng, held_out, script=True)
    return set_in_type(str(rng.choice(list(face.letters))), face.font, rng)


STROKE_LETTERS: dict[str, Lines] = {
    "A": [line((1, 0), (0, 0.35), (1, 0.7)), line((0.6, 0.12), (0.6, 0.58))],
    "E": [line((0, 0.5), (0, 0), (1, 0), (1, 0.5)), line((0.5, 0), (0.5, 0.4))],
    "F": [line((0, 0.5), (0, 0), (1, 0)), line((0.5, 0), (0.5, 0.4))],
    "H": [line((0, 0), (1, 0)), line((0, 0.6), (1, 0.6)), line((0.5, 0), (0.5, 0.6))],
    "K": [line((0, 0), (1, 0)), line((0, 0.55), (0.5, 0), (1, 0.6))],
    "L": [line((0, 0), (1, 0), (1, 0.6))],
    "M": [line((1, 0), (0, 0.1), (0.7, 0.4), (0, 0.7), (1, 0.8))],
    "N": [line((1, 0), (0, 0), (1, 0.6), (0, 0.6))],
    "P": [line((1, 0), (0, 0)), arc(0.25, 0, 0.25, 0.45, -90, 90)],
    "R": [line((1, 0), (0, 0)), arc(0.25, 0, 0.25, 0.45, -90, 90), line((0.5, 0.1), (1, 0.5))],
    "T": [line((0, 0), (0, 0.8)), line((0, 0.4), (1, 0.4))],
    "U": [np.concatenate((line((0, 0), (0.6, 0)), arc(0.6, 0.3, 0.4, 0.3, 180, 0), line((0, 0.6))))],
    "V": [line((0, 0), (1, 0.35), (0, 0.7))],
    "W": [line((0, 0), (1, 0.25), (0.2, 0.5), (1, 0.75), (0, 1))],
    "X": [line((0, 0), (1, 0.6)), line((0, 0.6), (1, 0))],
    "C": [arc(0.5, 0.4, 0.5, 0.4, -50, -310)],
    "a": [arc(0.5, 0.3, 0.5, 0.35, 0, 350), line((0, 0.65), (0.9, 0.65), (1, 0.8))],
    "d": [arc(0.7, 0.3, 0.3, 0.3, 0, 360), line((0, 0.62), (1, 0.62))],
    "e": [np.concatenate((line((0.5, 0.05), (0.5, 0.7)), arc(0.5, 0.35, 0.5, 0.38, 0, -300)))],
    "h": [line((0, 0), (1, 0)), np.concatenate((arc(0.75, 0.25, 0.25, 0.25, 180, 360), line((1, 0.5))))],
    "m": [
        line((0, 0), (1, 0)),
        *(np.concatenate((arc(0.4, x, 0.4, 0.2, 180, 360), line((1, x + 0.2)))) for x in (0.2, 0.6)),
    ],
    "n": [line((0, 0), (1, 0)), np.concatenate((arc(0.4, 0.3, 0.4, 0.3, 180, 360), line((1, 0.6))))],
    "p": [line((0, 0), (1, 0)), arc(0.3, 0.25, 0.3, 0.3, -160, 160)],
    "r": [line((0, 0), (1, 0)), arc(0.35, 0.3, 0.35, 0.3, 180, 300)],
    "x": [arc(0.5, 0, 0.5, 0.3, -80, 80), arc(0.5, 0.6, 0.5, 0.3, 100, 260)],
}
