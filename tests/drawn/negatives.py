"""Pictures that show no digit, by seed: letters, scribbles, noise, blank pages."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

# Letters that nobody could tell from a digit when they stand alone are left out: B b D G g I i l O o q S s Z z.
LETTERS = "ACEFHJKLMNPQRTUVWXYacdefhjkmnprtuvwxy"
SIDE = 90
# Blank pages are this large.
PAGE = (640, 480)


def letter(rng: np.random.Generator) -> Image.Image:
    """One letter of Pillow's own font, sheared and turned, in some pen on some paper."""
    large = Image.new("L", (2 * SIDE, 2 * SIDE))
    text = LETTERS[rng.integers(len(LETTERS))]
    pen = int(rng.integers(0, 6))
    ImageDraw.Draw(large).text(
        (SIDE, SIDE), text, 255, ImageFont.load_default(110), anchor="mm", stroke_width=pen, stroke_fill=255
    )
    shear = rng.uniform(-0.3, 0.3)
    slanted = large.transform(large.size, Image.Transform.AFFINE, (1, shear, -shear * SIDE, 0, 1, 0))
    return on_paper(slanted.rotate(rng.uniform(-10, 10)), rng)


def scribble(rng: np.random.Generator) -> Image.Image:
    """A pen led about at random."""
    points = np.cumsum(rng.normal(0, 1, (int(rng.integers(60, 160)), 2)), axis=0)
    smooth = ndimage.gaussian_filter1d(points, 2, axis=0)
    smooth = (smooth - smooth.min(axis=0)) / max(np.ptp(smooth), 1e-6)
    large = Image.new("L", (2 * SIDE, 2 * SIDE))
    path = [tuple(point) for point in (smooth * 1.6 * SIDE + 0.2 * SIDE).tolist()]
    ImageDraw.Draw(large).line(path, 255, int(rng.integers(3, 14)), joint="curve")
    return on_paper(large, rng)


def on_paper(ink: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Ink, bright on black, as a pen on grained paper of 90 pixels a side."""
    share = np.asarray(ink.resize((SIDE, SIDE), Image.Resampling.BOX), np.float64) / 255
    paper = rng.uniform(150, 250)
    seen = paper + (rng.uniform(10, 100) - paper) * share + rng.normal(0, rng.uniform(0, 5), share.shape)
    return Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8))


def noise(rng: np.random.Generator) -> Image.Image:
    """Noise of 28 pixels a side, from single pixels to blots."""
    values = ndimage.gaussian_filter(rng.normal(0, 1, (28, 28)), rng.uniform(0, 3))
    values = (values - values.min()) / np.ptp(values)
    return Image.fromarray((255 * values ** rng.uniform(0.5, 4)).astype(np.uint8))


def blank(rng: np.random.Generator) -> Image.Image:
    """Nothing but paper: grain, a crease, light that falls off, noise."""
    height, width = PAGE[1], PAGE[0]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    angle, away = rng.uniform(0, 2 * np.pi, 2)
    light = 1 + rng.uniform(0, 0.4) * (x * np.cos(angle) + y * np.sin(angle))
    distance = 200 * (x * np.cos(away) + y * np.sin(away) - rng.uniform(-0.5, 0.5))
    fold = 1 + rng.uniform(0, 0.08) * np.exp(-np.abs(distance) / 3) * np.sign(distance)
    grain = ndimage.gaussian_filter(rng.normal(0, 1, (height, width)), 1.5) * rng.uniform(0, 8)
    seen = (rng.uniform(120, 230) + grain) * light * fold + rng.normal(0, rng.uniform(0, 7), light.shape)
    return Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8))


KINDS: dict[str, Callable[[np.random.Generator], Image.Image]] = {
    "letters": letter,
    "scribbles": scribble,
    "noise": noise,
    "blank pages": blank,
}


def negative(kind: str, seed: int) -> Image.Image:
    """One picture without a digit; the same kind and seed give the same picture."""
    return KINDS[kind](np.random.default_rng([seed, list(KINDS).index(kind)]))
