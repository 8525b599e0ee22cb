"""Shapes drawn from lines: digits in hands that MNIST lacks, signs among digits, and letters.

A shape is a list of lines, each float [n, 2] of (row, column). Rows count downwards; 1 is the height of a digit.
"""

from collections.abc import Callable

import numpy as np

from tinydigits.arrays import Float64Array

Lines = list[Float64Array]
Shape = Callable[[np.random.Generator], Lines]


def line(*points: tuple[float, float]) -> Float64Array:
    return np.array(points, np.float64)


def arc(row: float, column: float, high: float, wide: float, start: float, end: float) -> Float64Array:
    """Returns part of an ellipse around a point; angles in degrees, 0 to the right, 90 downwards."""
    angle = np.radians(np.linspace(start, end, 24))
    return np.stack((row + high * np.sin(angle), column + wide * np.cos(angle)), axis=1)


def shaky(lines: Lines, rng: np.random.Generator, amount: float = 0.03) -> Lines:
    """Returns lines as a hand draws them: ends misplaced, straight parts bent."""
    return [shaky_line(each, rng, amount) for each in lines]


def shaky_line(points: Float64Array, rng: np.random.Generator, amount: float) -> Float64Array:
    along = np.linspace(0, len(points) - 1, max(24, len(points)))
    fine = np.stack([np.interp(along, np.arange(len(points)), points[:, axis]) for axis in (0, 1)], axis=1)
    share = (along / max(along[-1], 1))[:, None]
    start, end = rng.normal(0, amount, (2, 2))
    bend, wave = rng.normal(0, amount, (2, 2))
    moved = fine + start * (1 - share) + end * share
    return np.asarray(moved + bend * np.sin(np.pi * share) + wave * np.sin(2 * np.pi * share))


# ---- digits ----


def flagged_one(rng: np.random.Generator) -> Lines:
    """A 1 with an upstroke, short to as long as the stem, straight or bent, sometimes on a foot."""
    lean = rng.uniform(-0.05, 0.4)
    top, bottom = (0.0, lean), (1.0, 0.0)
    angle, length = np.radians(rng.uniform(25, 75)), rng.uniform(0.15, 0.9)
    flag = (min(0.95, length * np.sin(angle)), lean - length * np.cos(angle) * rng.uniform(0.7, 1))
    bend = rng.normal(0, 0.06)
    between = ((flag[0] + top[0]) / 2 + bend, (flag[1] + top[1]) / 2 + bend)
    lines = [line(flag, between, top, bottom)]
    if rng.random() < 0.3:
        half = rng.uniform(0.08, 0.35)
        lines.append(line((1, -half), (1 + rng.normal(0, 0.03), half * rng.uniform(0.7, 1.2))))
    return shaky(lines, rng)


def looped_one(rng: np.random.Generator) -> Lines:
    """A 1 whose upstroke comes back into the stem as a narrow loop at the top."""
    lean, low, wide = rng.uniform(0, 0.3), rng.uniform(0.3, 0.75), rng.uniform(0.05, 0.14)
    ring = arc(0.12, lean, 0.12, wide, -150, 40)
    return shaky([np.concatenate((line((low, lean - rng.uniform(0.1, 0.4))), ring, line((1, 0))))], rng)


def open_four(rng: np.random.Generator) -> Lines:
    """A 4 of a corner and a stem that do not meet at the top."""
    bar, stem = rng.uniform(0.5, 0.75), rng.uniform(0.35, 0.6)
    lean = rng.uniform(0, 0.2)
    corner = line(
        (rng.uniform(0, 0.15), rng.uniform(0, 0.2)),
        (bar, rng.uniform(-0.05, 0.05)),
        (bar, stem + rng.uniform(0.05, 0.3)),
    )
    return shaky([corner, line((rng.uniform(0, 0.35), stem + lean), (1, stem - lean / 2))], rng)


def bent_four(rng: np.random.Generator) -> Lines:
    """A 4 like a y or an h: a bowl that hangs on a long stem and is open at the top."""
    low, wide, lean = rng.uniform(0.45, 0.65), rng.uniform(0.3, 0.55), rng.uniform(0.05, 0.45)
    bowl = arc(rng.uniform(0.05, 0.15), wide / 2, low, wide / 2, 190, rng.uniform(20, 60))
    return shaky([bowl, line((rng.uniform(-0.05, 0.2), wide + lean / 2), (1, wide - lean / 2))], rng)


def open_eight(rng: np.random.Generator) -> Lines:
    """An 8 of one S and its way back, whose ends miss each other at the top."""
    wide, gap = rng.uniform(0.18, 0.3), rng.uniform(20, 90)
    upper = arc(0.24, 0, 0.24, wide, gap - 180, -290)
    lower = arc(0.75, 0, 0.25, wide * rng.uniform(0.9, 1.3), -100, 260)
    return shaky([np.concatenate((upper[:8], lower[2:-2], arc(0.24, 0, 0.24, wide, 60, -60 - gap / 3)))], rng)


def open_nine(rng: np.random.Generator) -> Lines:
    """A 9 whose ring does not close, or begins inside."""
    high, wide = rng.uniform(0.2, 0.32), rng.uniform(0.18, 0.3)
    ring = arc(high, 0, high, wide, rng.uniform(-75, -25), -rng.uniform(345, 400))
    stem = arc(high, wide - rng.uniform(0.2, 0.6), 1 - high, rng.uniform(0.2, 0.6), 0, 90)
    stem[:, 1] += ring[-1, 1] - stem[0, 1]
    return shaky([np.concatenate((ring, stem))], rng)


def open_zero(rng: np.random.Generator) -> Lines:
    """A 0 whose ends miss each other, cross, run on to the right as a tail, or curl inside."""
    start, wide = rng.uniform(-130, -50), rng.uniform(0.25, 0.5)
    turn = -1 if rng.random() < 0.75 else 1
    ring = arc(0.5, 0, 0.5, wide, start, start + turn * rng.uniform(310, 400))
    ending = rng.random()
    if ending < 0.35:
        end = ring[-1] + (rng.normal(0, 0.06), rng.uniform(0.1, 0.3))
        ring = np.concatenate((ring, end[None]))
    elif ending < 0.6:
        size = rng.uniform(0.08, 0.25)
        curl = arc(size + rng.uniform(0, 0.1), rng.uniform(-0.05, 0.15), size, size, -60, -60 - rng.uniform(90, 250))
        ring = np.concatenate((ring, curl) if turn < 0 else (ring[::-1], curl))
    return shaky([ring], rng)


def barred_seven(rng: np.random.Generator) -> Lines:
    """A 7 with a bar across its stem."""
    wide, foot = rng.uniform(0.4, 0.7), rng.uniform(0.05, 0.35)
    hook = [line((0, 0), (rng.uniform(0.05, 0.2), rng.uniform(-0.05, 0.02)))] if rng.random() < 0.4 else []
    at, half = rng.uniform(0.4, 0.65), rng.uniform(0.12, 0.3)
    middle = wide + (foot - wide) * at
    bar = line((at + rng.normal(0, 0.03), middle - half), (at - rng.uniform(-0.03, 0.08), middle + half))
    return shaky([line((0, 0), (rng.normal(0, 0.03), wide), (1, foot)), bar, *hook], rng)


def hooked_seven(rng: np.random.Generator) -> Lines:
    """A 7 of a bent stem like that of a 1 with a bar across, and little of a top."""
    wide, foot = rng.uniform(0.12, 0.35), rng.uniform(-0.2, 0.15)
    stem = line((rng.uniform(0.02, 0.18), 0), (0, wide * 0.6), (rng.uniform(0.02, 0.1), wide), (1, foot))
    at, half = rng.uniform(0.4, 0.65), rng.uniform(0.15, 0.35)
    middle = wide + (foot - wide) * at
    bar = line((at + rng.normal(0, 0.04), middle - half), (at + rng.normal(0, 0.04), middle + half))
    return shaky([stem, bar], rng)


# The digit that each of these shapes is, and how often each is drawn.
DIGITS: tuple[tuple[int, Shape, float], ...] = (
    (1, flagged_one, 0.4),
    (1, looped_one, 0.04),
    (4, open_four, 0.12),
    (4, bent_four, 0.1),
    (0, open_zero, 0.13),
    (7, barred_seven, 0.09),
    (7, hooked_seven, 0.06),
    (8, open_eight, 0.03),
    (9, open_nine, 0.03),
)


# ---- signs ----


def minus(rng: np.random.Generator) -> Lines:
    return [line((0.5, 0), (0.5 + rng.normal(0, 0.05), rng.uniform(0.3, 0.8)))]


def equals(rng: np.random.Generator) -> Lines:
    first, apart, wide = 0.35, rng.uniform(0.12, 0.35), rng.uniform(0.35, 0.8)
    return [line((first, 0), (first, wide)), line((first + apart, rng.normal(0, 0.05)), (first + apart, wide))]


def plus(rng: np.random.Generator) -> Lines:
    half = rng.uniform(0.2, 0.4)
    return [line((0.5, -half), (0.5, half)), line((0.5 - half, 0), (0.5 + half, rng.normal(0, 0.03)))]


def slash(rng: np.random.Generator) -> Lines:
    """A stroke that leans further than most write a 1."""
    return [line((1.1, 0), (-0.1, rng.uniform(0.55, 1.2)))]


def backslash(rng: np.random.Generator) -> Lines:
    return [line((-0.1, 0), (1.1, rng.uniform(0.4, 1)))]


def bracket(rng: np.random.Generator) -> Lines:
    turned = 0 if rng.random() < 0.5 else 180
    half = rng.uniform(35, 85)
    return [arc(0.5, 0, 0.6, rng.uniform(0.25, 0.6), turned - half, turned + half)]


def square_bracket(rng: np.random.Generator) -> Lines:
    serif = rng.uniform(0.15, 0.4) * (1 if rng.random() < 0.5 else -1)
    return [line((-0.1, serif), (-0.1, 0), (1.1, 0), (1.1, serif))]


def comma(rng: np.random.Generator) -> Lines:
    return [arc(0.95, 0, rng.uniform(0.06, 0.2), rng.uniform(0.03, 0.1), -60, rng.uniform(40, 90))]


def point(rng: np.random.Generator) -> Lines:
    return [line((0.95, 0), (0.95 + rng.uniform(0, 0.05), rng.uniform(0.01, 0.06)))]


def colon(rng: np.random.Generator) -> Lines:
    return [line((0.3, 0), (0.34, 0.02)), line((0.8 + rng.normal(0, 0.05), 0), (0.84, 0.03))]


def cent(rng: np.random.Generator) -> Lines:
    lean = rng.uniform(0, 0.4)
    return [
        arc(0.5, 0, rng.uniform(0.25, 0.4), rng.uniform(0.2, 0.35), -50, -310),
        line((1.05, -lean / 2), (-0.05, lean / 2)),
    ]


def dollar(rng: np.random.Generator) -> Lines:
    upper, lower = arc(0.27, 0, 0.23, 0.25, -20, -270), arc(0.73, 0, 0.23, 0.25, -90, 160)
    strokes = [
        line((-0.1, x), (1.1, x - rng.uniform(0, 0.1))) for x in ((0.0,) if rng.random() < 0.6 else (-0.06, 0.06))
    ]
    return [np.concatenate((upper, lower)), *strokes]


def cross_hatch(rng: np.random.Generator) -> Lines:
    lean = rng.uniform(0, 0.3)
    return [
        *(line((0.1, x + lean), (0.9, x)) for x in (0.15, 0.45)),
        *(line((y, 0), (y + rng.normal(0, 0.03), 0.75)) for y in (0.35, 0.65)),
    ]


def star(rng: np.random.Generator) -> Lines:
    angles = np.radians(rng.uniform(0, 60) + np.array([0, 60, 120]))
    return [0.35 * np.array([[np.sin(a), np.cos(a)], [-np.sin(a), -np.cos(a)]]) + 0.5 for a in angles]


def tick(rng: np.random.Generator) -> Lines:
    return [line((0.55, 0), (0.95, rng.uniform(0.15, 0.3)), (0, rng.uniform(0.6, 0.9)))]


SIGNS: dict[str, Shape] = {
    "minus": minus,
    "equals": equals,
    "plus": plus,
    "slash": slash,
    "backslash": backslash,
    "bracket": bracket,
    "square_bracket": square_bracket,
    "comma": comma,
    "point": point,
    "colon": colon,
    "cent": cent,
    "dollar": dollar,
    "cross_hatch": cross_hatch,
    "star": star,
    "tick": tick,
}
