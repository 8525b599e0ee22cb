"""Fits the weights of `reader/judgement.py`: rows of digits against writing that holds none.

    PYTHONPATH=tools python tools/judgement.py FOLDER [--pictures 800] [--net FILE.onnx]

FOLDER is that of `reader_net.py`. Draws rows of MNIST's validation digits and writing in the fonts of the lessons; rows
that are read wrongly are left out. Prints the weights, fitted to all, and what weights fitted to one half of the
pictures refuse of the other half.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from lessons.built import skeletons
from lessons.rows import DrawnRow, drawn_row
from lessons.strokes import Digits
from lessons.words import drawn_word
from tinydigits.arrays import Float64Array
from tinydigits.formats.model_file import READER
from tinydigits.reader.ink import is_thumbnail
from tinydigits.reader.judgement import measures
from tinydigits.reader.reader import Reader
from tinydigits.reader.search import search

# Half of the rows hold at most so many digits, because pictures of few digits are those that letters resemble.
FEW = 2
# Strength of the penalty on large weights, for measures in standard deviations.
PENALTY = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=800, help="of each kind")
    parser.add_argument("--net", default=READER)
    parser.add_argument("--seed", type=int, default=700)
    given = parser.parse_args()
    reader, digits = Reader(given.net), skeletons(given.folder, "validation")
    rows = np.array(list(of_rows(reader, digits, given.pictures, given.seed)))
    words = np.array(list(of_words(reader, digits, given.pictures, given.seed)))
    print("weights and base:", np.round(fitted(rows, words), 3).tolist())
    judged = [judged_by_half(rows, words, part) for part in (0, 1)]
    of_digits, of_none = (np.concatenate(each) for each in zip(*judged, strict=True))
    for least in np.arange(-3, 1.1, 0.5):
        lost, read = np.mean(of_digits < least), np.sum(of_none >= least) / given.pictures
        print(f"least {least:+.1f}: {100 * lost:.1f} % of {len(of_digits)} rows refused, {100 * read:.1f} % of words")


def judged_by_half(rows: Float64Array, words: Float64Array, part: int) -> tuple[Float64Array, Float64Array]:
    """Returns the log-odds of one half of the pictures, judged by what is fitted to the other half."""
    weights = fitted(rows[1 - part :: 2], words[1 - part :: 2])
    return rows[part::2] @ weights[:-1] + weights[-1], words[part::2] @ weights[:-1] + weights[-1]


def fitted(rows: Float64Array, words: Float64Array) -> Float64Array:
    return logistic(np.concatenate((rows, words)), len(rows))


def of_rows(reader: Reader, digits: Digits, count: int, seed: int) -> Iterator[Float64Array]:
    """Yields the measures of rows that are read right."""
    rng = np.random.default_rng((seed, 1))
    for _ in range(count):
        row = a_row(digits, rng)
        explanation = search(row.picture, reader.recogniser.logarithms, reader.prices, reader.likely)
        text = reader.read(row.picture).text
        if explanation is not None and "".join(text.split()) == "".join(map(str, row.digits)):
            yield measures(explanation)


def a_row(digits: Digits, rng: np.random.Generator) -> DrawnRow:
    row, few = drawn_row(digits, rng), rng.random() < 0.5
    while is_thumbnail(row.picture) or (few and len(row.digits) > FEW):
        row = drawn_row(digits, rng)
    return row


def of_words(reader: Reader, digits: Digits, count: int, seed: int) -> Iterator[Float64Array]:
    """Yields the measures of writing in which a digit is seen."""
    rng = np.random.default_rng((seed, 2))
    for _ in range(count):
        explanation = search(a_word(digits, rng), reader.recogniser.logarithms, reader.prices, reader.likely)
        if explanation is not None and explanation.digits:
            yield measures(explanation)


def a_word(digits: Digits, rng: np.random.Generator) -> Image.Image:
    picture = drawn_word(digits, rng).picture
    while is_thumbnail(picture):
        picture = drawn_word(digits, rng).picture
    return picture


def logistic(measured: Float64Array, positive: int) -> Float64Array:
    """Fits a logistic regression by Newton's method.

    Args:
        measured: float64 [n, k].
        positive: how many of the first are of digits.

    Returns:
        The weights and the base: float64 [k + 1].
    """
    middle, spread = measured.mean(axis=0), measured.std(axis=0) + 1e-9
    inputs = np.column_stack(((measured - middle) / spread, np.ones(len(measured))))
    wanted = np.arange(len(measured)) < positive
    penalty = np.diag([PENALTY] * (inputs.shape[1] - 1) + [1e-6])
    weights = np.zeros(inputs.shape[1])
    for _ in range(30):
        likely = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (likely - wanted) + penalty @ weights
        weights -= np.linalg.solve((inputs.T * (likely * (1 - likely))) @ inputs + penalty, slope)
    own = weights[:-1] / spread
    return np.append(own, weights[-1] - own @ middle)


if __name__ == "__main__":
    main()
