"""All lessons of one training, made on several processes and kept in a folder."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from lessons.faces import added_faces
from lessons.letters import set_in_type
from lessons.negatives import KINDS
from lessons.pictures import NOT_A_DIGIT, negatives, normal, positives, together
from lessons.strokes import Digits, digits_of
from tinydigits.arrays import Float64Array, Int64Array, UInt8Images
from tinydigits.data import mnist
from tinydigits.formats.model_file import LoadedModel, load
from tinydigits.reader.confidence import NotADigit, not_a_digit_from, tempered

# Marks that one job makes.
CHUNK = 5000
# How often each digit of a font is drawn, in some weight.
WEIGHTS = 4
# The kind that stands for digits in other hands.
DIGITS = "digits"


@cache  # every job of a process asks for them
def skeletons(folder: Path, split: str) -> Digits:
    """Returns digits as lines: of MNIST, "train" (the first 55,000 training images) or "validation" (the last 5,000),
    and of the fonts of $LESSON_FONTS.
    """
    data = mnist().train if split == "train" else mnist().validation
    images, labels = together([(data.images, data.labels), *typed_digits(held_out=split != "train")])
    file = folder / f"skeletons-{split}-{len(images)}.npy"
    if not file.exists():
        np.save(file, digits_of(images, labels).stored)
    return Digits(images, labels, np.load(file, mmap_mode="r"))


def typed_digits(held_out: bool) -> list[tuple[UInt8Images, Int64Array]]:
    """Returns the digits of the faces of $LESSON_FONTS in several weights; nothing without it."""
    rng = np.random.default_rng(0)
    each = [(face.font, digit) for face in added_faces(held_out, script=False) for digit in range(10)] * WEIGHTS
    if not each:
        return []
    images = [normal(set_in_type(str(digit), font, rng)) for font, digit in each]
    return [(np.stack(images), np.array([digit for _, digit in each], np.int64))]


def made(folder: Path, split: str, seed: int, digits: int, marks: int) -> dict[str, tuple[UInt8Images, Int64Array]]:
    """Returns pictures and answers by kind, from the folder where they were made before.

    Args:
        digits: how many digits are drawn in other hands.
        marks: how many marks that are no digit are made; some are left out.
    """
    counts = {DIGITS: digits} | {kind: round(marks * share) for kind, (_, share, _) in KINDS.items()}
    files = {kind: folder / f"{split}-{seed}-{kind}-{count}.npz" for kind, count in counts.items()}
    skeletons(folder, split)
    by_processes(
        folder, split, seed, {kind: count for kind, count in counts.items() if not files[kind].exists()}, files
    )
    return {kind: arrays_of(file) for kind, file in files.items()}


def arrays_of(file: Path) -> tuple[UInt8Images, Int64Array]:
    stored = np.load(file)
    return stored["images"], stored["answers"]


def by_processes(folder: Path, split: str, seed: int, counts: dict[str, int], files: dict[str, Path]) -> None:
    """Makes so many pictures of each kind, and writes a file for each kind."""
    jobs = [(folder, split, kind, seed + 1000 * part, size) for kind, n in counts.items() for part, size in parts(n)]
    if not jobs:
        return
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        done = list(pool.map(one_job, *zip(*jobs, strict=True)))
    for kind in counts:
        images, answers = together(result for job, result in zip(jobs, done, strict=True) if job[2] == kind)
        np.savez(files[kind], images=images, answers=answers)


def parts(count: int) -> Sequence[tuple[int, int]]:
    """Returns the number and size of each job for `count` marks."""
    return [(part, min(CHUNK, count - first)) for part, first in enumerate(range(0, count, CHUNK))]


def one_job(folder: Path, split: str, kind: str, seed: int, count: int) -> tuple[UInt8Images, Int64Array]:
    digits = skeletons(folder, split)
    if kind == DIGITS:
        return positives(digits, seed, count)
    images = negatives(digits, kind, seed, count, certainty, held_out=split != "train")
    return images, np.full(len(images), NOT_A_DIGIT)


def certainty(images: UInt8Images) -> Float64Array:
    """Returns how sure `pocket`, which knows digits alone, is of each image; 0 where it takes it for no digit."""
    model, score = pocket()
    raw = model.predict(images)
    sure = tempered(raw, model.temperature).max(axis=1)
    return np.where(score.scores(images, raw) < score.threshold, sure, 0).astype(np.float64)


@cache
def pocket() -> tuple[LoadedModel, NotADigit]:
    loaded = load("pocket")
    if loaded.rejection is None:
        raise ValueError("pocket: found no not-a-digit score, expected one in the shipped file")
    return loaded, not_a_digit_from(loaded.rejection, loaded.name)
