"""Augmentation in NumPy, for machines without a C compiler; it makes the same pixels as `engine/kernels/augment.h`.

Steps, names and integers are those of the kernel, which explains them. Here each step takes several images at once, as
int64 `[n, channels, rows, columns]`, and their random numbers, `[n, 1, 1, 1]`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Int64Array, Mask, UInt8Images
from tinydigits.augmentation.settings import NODES, ONE, PART, Amplitudes, Augmentation, spline_weights

Whole = Int64Array
Keys = NDArray[np.uint64]

PIXEL = 1 << 16
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
PURPOSE = 0x617567
ROTATION, SCALE, SHEAR, SHIFT, STROKE, BLUR = 0, 1, 3, 4, 6, 7
GAIN, CURVE, BACKGROUND, CUT, CUT_SIDE, CUT_DEPTH, GRAIN = 8, 9, 10, 11, 12, 13, 14
LINES, NODE_DRAWS, PIXEL_DRAWS = 16, 32, 256
# Number of images that are varied at once. They take a few megabytes.
AT_ONCE = 256


def augmented(
    images: UInt8Images,
    seed: int,
    steps_taken: int,
    settings: Augmentation,
    strength: float = 1.0,
    which: NDArray[Any] | None = None,
) -> UInt8Images:
    """Varies images; takes the same arguments as `engine.runtime.augment.augmented` and makes the same pictures."""
    chosen = np.arange(len(images)) if which is None else np.asarray(which)
    made = np.empty((len(chosen), *images.shape[1:]), np.uint8)
    rows, columns, channels = (*images.shape[1:], 1)[:3]
    for first in range(0, len(chosen), AT_ONCE):
        some = chosen[first : first + AT_ONCE]
        pixels = images[some].reshape(-1, rows, columns, channels).transpose(0, 3, 1, 2).astype(np.int64)
        varied = all_steps(pixels, settings.amplitudes(strength), Draws(keys_of(seed, steps_taken, some)))
        made[first : first + AT_ONCE] = varied.transpose(0, 2, 3, 1).reshape(-1, *images.shape[1:])
    return made


def all_steps(pixels: Whole, a: Amplitudes, draws: Draws) -> Whole:
    if a.stroke:
        pixels = change_stroke(pixels, draws.either_way(a.stroke, STROKE) >> 17)
    if a.rotation or a.scale or a.shear or a.shift or a.elastic:
        pixels = sampled(pixels, *coordinates(pixels.shape[2:], a, draws))
    if a.cut:
        cut_edge(pixels, a, draws)
    if a.line_chance:
        draw_lines(pixels, a, draws)
    if a.blur:
        pixels = softened(pixels, draws.up_to(a.blur, BLUR) >> 17)
    if a.contrast or a.background:
        pixels = change_tones(pixels, a, draws)
    return grained(pixels, draws.up_to(a.grain, GRAIN), draws) if a.grain else pixels


# ---- chance ----


def keys_of(seed: int, steps_taken: int, images: NDArray[Any]) -> Keys:
    """Returns the key of each image, as `draw_key` in C makes it."""
    key = mixed(np.full(len(images), np.uint64(seed)) + GOLDEN)
    for part in (np.uint64(steps_taken), images.astype(np.uint64), np.uint64(PURPOSE)):
        key = mixed(key + part * np.full(len(images), GOLDEN))
    return key >> np.uint64(32)


def mixed(z: Keys) -> Keys:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@dataclass(frozen=True, eq=False)
class Draws:
    """Random numbers for images with these keys."""

    keys: Keys

    def drawn(self, counter: int) -> Whole:
        """Returns 32 random bits per image, [n, 1, 1, 1]."""
        return self.all_drawn(np.array([counter])).reshape(-1, 1, 1, 1)

    def all_drawn(self, counters: Int64Array) -> Whole:
        """Returns 32 random bits for each counter, [n, counters]."""
        low = np.uint64(0xFFFFFFFF)
        z = self.keys[:, None] ^ (counters.astype(np.uint64) * np.uint64(0x9E3779B9) & low)
        z = (z ^ (z >> np.uint64(16))) * np.uint64(0x85EBCA6B) & low
        z = (z ^ (z >> np.uint64(13))) * np.uint64(0xC2B2AE35) & low
        return np.asarray((z ^ (z >> np.uint64(16))).astype(np.int64))

    def either_way(self, amplitude: int, counter: int) -> Whole:
        """Returns a number from -amplitude to amplitude."""
        bits = self.drawn(counter)
        return amplitude * np.where(bits < 1 << 31, bits, bits - (1 << 32)) >> 31

    def up_to(self, amplitude: int, counter: int) -> Whole:
        """Returns a number from 0 to amplitude."""
        return amplitude * (self.drawn(counter) >> 8) >> 24

    def happens(self, chance: int, counter: int) -> Mask:
        """Returns True with probability `chance`, in units of 1 / ONE."""
        return self.drawn(counter) >> 8 < chance


# ---- pen ----


def blend(start: Whole, end: Whole, amount: Whole) -> Whole:
    return start + ((end - start) * amount + 64 >> 7)


def change_stroke(pixels: Whole, amount: Whole) -> Whole:
    padded = np.pad(pixels, ((0, 0), (0, 0), (1, 1), (1, 1)))
    below, above, inside = slice(2, None), slice(None, -2), slice(1, -1)
    moved = [padded[:, :, *place] for place in ((below, inside), (above, inside), (inside, below), (inside, above))]
    extreme = np.where(amount > 0, np.maximum.reduce([pixels, *moved]), np.minimum.reduce([pixels, *moved]))
    return blend(pixels, np.asarray(extreme), np.abs(amount))


# ---- hand ----


def series(square: Whole, n: int) -> Whole:
    total = np.full_like(square, ONE)
    for m in range(12, -1, -2):
        total = ONE - (square * total >> 24) // ((n + m) * (n + m - 1))
    return total


def as_pixels(x: Whole) -> Whole:
    return x + 128 >> 8


def coordinates(size: tuple[int, ...], a: Amplitudes, draws: Draws) -> tuple[Whole, Whole]:
    """Returns the place in the input of each output pixel: x and y, int64 [n, 1, rows, columns]."""
    angle, shear = draws.either_way(a.rotation, ROTATION), draws.either_way(a.shear, SHEAR)
    square = angle * angle >> 24
    c, s = series(square, 2), angle * series(square, 3) >> 24
    wide, high = (ONE * ONE // (ONE + draws.either_way(a.scale, SCALE + axis)) for axis in (0, 1))
    across = as_pixels(c * wide >> 24), as_pixels((s + shear) * wide >> 24)
    down = as_pixels(-s * high >> 24), as_pixels(c * high >> 24)
    rows, columns = size
    i, j = np.arange(rows)[:, None], np.arange(columns)
    found = []
    for axis, ((by_j, by_i), length) in enumerate(((across, columns), (down, rows))):
        start = (length - 1) * PIXEL - (columns - 1) * by_j - (rows - 1) * by_i >> 1
        start = start + as_pixels(draws.either_way(a.shift, SHIFT + axis))
        found.append(start + i * by_i + j * by_j + (field(size, a.elastic, draws, axis) if a.elastic else 0))
    return found[0], found[1]


def field(size: tuple[int, ...], amplitude: int, draws: Draws, axis: int) -> Whole:
    """Returns the elastic displacement along one axis, [n, 1, rows, columns]."""
    counters = NODE_DRAWS + (axis * NODES + np.arange(NODES))[:, None] * 8 + np.arange(NODES)
    nodes = np.stack([draws.either_way(amplitude, int(counter)).ravel() >> 8 for counter in counters.ravel()], -1)
    row_basis, column_basis = (np.array(spline_weights(length)) for length in size)
    along = row_basis @ nodes.reshape(-1, 1, NODES, NODES) >> 11
    return np.asarray(along @ column_basis.T >> 11)


def sampled(pixels: Whole, x: Whole, y: Whole) -> Whole:
    """Samples pixels at `x` and `y`, bilinearly; places outside the image are black."""
    count, channels, rows, columns = pixels.shape
    padded = np.pad(pixels, ((0, 0), (0, 0), (1, 2), (1, 2))).reshape(count, channels, -1)
    x, y = np.clip(x, -PIXEL, columns * PIXEL), np.clip(y, -PIXEL, rows * PIXEL)
    places = (((y >> 16) + 1) * (columns + 3) + (x >> 16) + 1).reshape(count, 1, -1)
    across, down = ((axis >> 5 & PART - 1).reshape(count, 1, -1) for axis in (x, y))

    def at(offset: int) -> Whole:
        return np.take_along_axis(padded, places + offset, axis=2)

    upper = at(0) * PART + across * (at(1) - at(0))
    below = columns + 3
    lower = at(below) * PART + across * (at(below + 1) - at(below))
    return (upper * PART + down * (lower - upper) + (1 << 21) >> 22).reshape(pixels.shape)


# ---- paper ----


def along_side(size: tuple[int, ...], side: Whole, start: Whole, depth: Whole) -> Mask:
    """Returns which pixels lie in `depth` rows or columns that begin `start` from a side.

    Sides are 0 (above), 1 (below), 2 (left) and 3 (right).
    """
    rows, columns = np.arange(size[0])[:, None], np.arange(size[1])
    distance = np.choose(side, [rows, size[0] - 1 - rows, columns, size[1] - 1 - columns])
    return np.asarray((distance >= start) & (distance < start + depth))


def cut_edge(pixels: Whole, a: Amplitudes, draws: Draws) -> None:
    depth = draws.up_to(a.cut, CUT_DEPTH) + ONE - 1 >> 24
    cut = along_side(pixels.shape[2:], draws.drawn(CUT_SIDE) >> 30, np.zeros_like(depth), depth)
    pixels[:] = np.where(cut & draws.happens(a.cut_chance, CUT), 0, pixels)


def draw_lines(pixels: Whole, a: Amplitudes, draws: Draws) -> None:
    for side in range(4):
        chosen = draws.drawn(LINES + 2 * side + 1)
        start, thick = chosen >> 30 & 3, 1 + (chosen >> 29 & 1)
        start = np.where(thick == 2, np.minimum(start, 2), start)
        ink = 64 + ((chosen & 0xFFFF) * 192 >> 16)
        line = along_side(pixels.shape[2:], np.full_like(start, side), start, thick)
        drawn = line & draws.happens(a.line_chance, LINES + 2 * side)
        np.maximum(pixels, np.where(drawn, ink, 0), out=pixels)


# ---- camera ----


def softened(pixels: Whole, amount: Whole) -> Whole:
    rows, columns = pixels.shape[2:]
    p = np.pad(pixels, ((0, 0), (0, 0), (2, 2), (2, 2)), mode="edge")
    weights = tuple(enumerate((1, 4, 6, 4, 1)))
    down = np.add.reduce([weight * p[:, :, k : k + rows] for k, weight in weights])
    total = np.add.reduce([weight * down[..., k : k + columns] for k, weight in weights])
    return blend(pixels, total + 128 >> 8, amount)


def change_tones(pixels: Whole, a: Amplitudes, draws: Draws) -> Whole:
    gain, curve = 128 + (draws.either_way(a.contrast, GAIN) >> 17), draws.either_way(a.contrast, CURVE) >> 17
    ground = draws.up_to(a.background, BACKGROUND) >> 16
    x = pixels + (curve * pixels * (255 - pixels) + (1 << 14) >> 15)
    x = np.minimum(x * gain + 64 >> 7, 255)
    return np.asarray(ground + (x * (255 - ground) * 257 + (1 << 15) >> 16))


def grained(pixels: Whole, amount: Whole, draws: Draws) -> Whole:
    bits = draws.all_drawn(PIXEL_DRAWS + np.arange(pixels[0].size)).reshape(pixels.shape)
    noise = (bits >> 16) + (bits & 0xFFFF) - 0xFFFF
    return np.asarray(np.clip(pixels + (noise * (amount >> 16) >> 16), 0, 255))
