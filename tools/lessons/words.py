"""Made-up pictures of writing that holds no digit: letters, words, scribbles, blots."""

import numpy as np
from PIL import Image, ImageDraw

from lessons.faces import any_face
from lessons.letters import STROKE_LETTERS
from lessons.negatives import blot, filled, scribble, wander
from lessons.paper import photographed
from lessons.pens import FAR, any_pen, bones_of, inked, resized, slanted
from lessons.rows import CANVAS, SIGN, Canvas, DrawnRow, cropped
from lessons.shapes import shaky
from lessons.strokes import HEIGHT, Digits
from tinydigits.arrays import Float32Array

# How often a picture shows a word in type, a word of strokes, a scribble, a tangle, a blot, filled shapes.
SHARES = (0.5, 0.22, 0.1, 0.08, 0.05, 0.05)
# How many letters a word has, from 1, and how often.
LENGTHS = (0.45, 0.15, 0.12, 0.1, 0.08, 0.06, 0.04)
# Share of words in type that are of other scripts.
OTHER_SCRIPTS = 0.4


def drawn_word(digits: Digits, rng: np.random.Generator, held_out: bool = False) -> DrawnRow:
    """Draws some writing without a digit, on some paper, as some camera or scanner sees it.

    Args:
        held_out: set letters in the fonts that no training sees.
    """
    kind = int(rng.choice(len(SHARES), p=SHARES))
    if kind == 0:
        ink = typed(rng, held_out)
    elif kind == 1:
        ink = written(rng)
    else:
        made = (scribble, wander, blot, filled)[kind - 2](digits, rng, held_out)
        ink = np.zeros((8, 8), np.float32) if made is None else shrunk(made, float(rng.uniform(0.35, 0.8)))
    inside = np.zeros(ink.shape, np.int8)
    inside[8:-8, 8:-8] = ink[8:-8, 8:-8] > 0.1
    if not inside.any():
        inside[8:-8, 8:-8] = 1
    ink, inside = cropped(ink, inside, rng)
    picture, inside = photographed(ink, inside, rng)
    return DrawnRow(picture, SIGN * inside, ())


def typed(rng: np.random.Generator, held_out: bool) -> Float32Array:
    """Returns the ink of a word in type, upright or leaning, of letters about HEIGHT pixels high."""
    face = any_face(rng, held_out, script=bool(rng.random() < OTHER_SCRIPTS))
    text = "".join(rng.choice(list(face.letters), 1 + int(rng.choice(len(LENGTHS), p=LENGTHS))))
    page = Image.new("L", (140 + 60 * len(text), 160))
    weight = int(rng.choice([0, 0, 1, 2, 3]))
    ImageDraw.Draw(page).text((60, 45), text, fill=255, font=face.font, stroke_width=weight, stroke_fill=255)
    shear = rng.normal(0, 0.15)
    leaning = page.transform(page.size, Image.Transform.AFFINE, (1, shear, -80 * shear, 0, 1, 0))
    turned = leaning.rotate(rng.normal(0, 4), Image.Resampling.BILINEAR)
    return np.asarray(turned, np.float32) / np.float32(255)


def written(rng: np.random.Generator) -> Float32Array:
    """Returns the ink of a word of letters drawn from lines, in one pen."""
    count = 1 + int(rng.choice(len(LENGTHS), p=LENGTHS))
    wide = 140 + 80 * count
    canvas = Canvas(np.full((CANVAS, wide), FAR, np.float32), np.zeros((CANVAS, wide), np.int8))
    gap, slant = rng.normal(6, 4), rng.normal(0, 0.15)
    for _ in range(count):
        lines = list(STROKE_LETTERS.values())[rng.integers(len(STROKE_LETTERS))]
        drawing = slanted(bones_of(shaky(lines, rng, 0.05), HEIGHT), slant)
        drawing = resized(drawing, HEIGHT * rng.uniform(0.8, 1.1), float(np.exp(rng.normal(0, 0.2))))
        canvas.lay(drawing, int(CANVAS / 2 - drawing.shape[0] / 2 + rng.normal(0, 3)), SIGN)
        canvas.left = max(8.0, canvas.left + gap)
    return inked(canvas.distances, any_pen(rng))


def shrunk(ink: Float32Array, factor: float) -> Float32Array:
    size = (round(ink.shape[1] * factor), round(ink.shape[0] * factor))
    return np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BOX))
