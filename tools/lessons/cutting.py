"""What the reader itself cuts out of made-up rows, with answers; run as

    PYTHONPATH=tools python -m lessons.cutting FOLDER --rows 5000 --seed 1 [--words]

which writes FOLDER/candidates-train-1.npz, or of writing without a digit, FOLDER/words-train-1.npz.
"""

import argparse
from pathlib import Path

import numpy as np

from lessons.built import skeletons
from lessons.candidates import Pixels, lessons
from lessons.pictures import NOT_A_DIGIT
from lessons.rows import DrawnRow, drawn_row
from lessons.strokes import Digits
from lessons.words import drawn_word
from tinydigits.arrays import Int64Array, UInt8Images
from tinydigits.formats.model_file import READER, load
from tinydigits.reader.explanation import is_usable
from tinydigits.reader.lattice import lattice_of
from tinydigits.reader.normalise import SIDE
from tinydigits.reader.page import page_of
from tinydigits.reader.pieces import Piece, cut_up
from tinydigits.reader.recogniser import recogniser_of
from tinydigits.reader.rows import rows_of
from tinydigits.reader.search import sheets_of_page
from tinydigits.reader.sheet import Sheet

# Widths that thin strokes are widened to, in heights of a candidate, from least to most.
PENS = (0.05, 0.11)
# Candidates of a row that are no digit: at most so many for each that is one, and of a row without digits.
OTHERS, FEWEST_OTHERS = 5, 8
# Candidates out of writing are left out from this probability of a 1, and of another digit.
SURE_BAR, SURE = 0.85, 0.975


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split", choices=("train", "validation"), default="train", help="whose digits are drawn")
    parser.add_argument("--words", action="store_true", help="draw writing without a digit, not rows of digits")
    given = parser.parse_args()
    digits = skeletons(given.folder, given.split)
    images, answers = (wordless if given.words else candidates)(digits, given.rows, given.seed)
    name = "words" if given.words else "candidates"
    np.savez(given.folder / f"{name}-{given.split}-{given.seed}.npz", images=images, answers=answers)
    print(f"{len(images):,} candidates; of each answer: {np.bincount(answers, minlength=11).tolist()}")


def candidates(digits: Digits, rows: int, seed: int) -> tuple[UInt8Images, Int64Array]:
    """Draws rows, and returns some of what the reader cuts out of them."""
    rng = np.random.default_rng((seed, 99))
    return joined([chosen(*of_row(drawn_row(digits, rng), rng), rng) for _ in range(rows)])


def wordless(digits: Digits, pictures: int, seed: int) -> tuple[UInt8Images, Int64Array]:
    """Draws writing without a digit, and returns some of what the reader cuts out of it.

    What the shipped reader is nearly sure of may well be a digit, a bar most of all, and is left out.
    """
    rng = np.random.default_rng((seed, 98))
    images, answers = joined([chosen(*of_row(drawn_word(digits, rng), rng), rng) for _ in range(pictures)])
    digits_seen = np.exp(recogniser_of(load(READER)).logarithms(images))[:, :NOT_A_DIGIT]
    least = np.where(digits_seen.argmax(axis=1) == 1, SURE_BAR, SURE)
    doubtful = digits_seen.max(axis=1) <= least
    return images[doubtful], answers[doubtful]


def joined(found: list[tuple[UInt8Images, Int64Array]]) -> tuple[UInt8Images, Int64Array]:
    images, answers = (np.concatenate(each) for each in zip(*found, strict=True))
    return images, answers


def of_row(row: DrawnRow, rng: np.random.Generator) -> tuple[UInt8Images, Int64Array]:
    """Returns the candidates of one picture and their answers, for one of the ways to find its ink."""
    sheets = list(sheets_of_page(page_of(row.picture, level=True)))
    images: list[UInt8Images] = [np.zeros((0, SIDE, SIDE), np.uint8)]
    pixels: list[Pixels] = []
    if sheets:
        own, pixels = on_sheet(sheets[rng.integers(len(sheets))], float(rng.uniform(*PENS)))
        images += own
    together = np.concatenate(images)
    return together, lessons(together, pixels, row)


def chosen(images: UInt8Images, answers: Int64Array, rng: np.random.Generator) -> tuple[UInt8Images, Int64Array]:
    """Returns all digits, and of the other candidates a few times as many: noise would outnumber all else."""
    digits, others = np.flatnonzero((answers >= 0) & (answers < NOT_A_DIGIT)), np.flatnonzero(answers == NOT_A_DIGIT)
    most = max(FEWEST_OTHERS, OTHERS * len(digits))
    kept = np.concatenate((digits, rng.permutation(others)[:most]))
    return images[kept], answers[kept]


def on_sheet(sheet: Sheet, pen: float) -> tuple[list[UInt8Images], list[Pixels]]:
    images: list[UInt8Images] = []
    pixels: list[Pixels] = []
    for marks in rows_of([mark for mark in sheet.marks if is_usable(mark, sheet)], sheet.typical):
        tall = float(max(mark.height for mark in marks))
        pieces = sorted(
            (part for mark in marks for part in cut_up(mark, tall)), key=lambda part: part.left + part.right
        )
        lattice = lattice_of(pieces, sheet, tall, pen)
        if len(lattice.spans):
            images.append(lattice.images)
            pixels += [in_picture(pieces[first:end], sheet) for first, end in lattice.spans.tolist()]
    return images, pixels


def in_picture(pieces: list[Piece], sheet: Sheet) -> Pixels:
    """Returns which pixels of the picture some pieces of a sheet lie on."""
    rows = np.concatenate([piece.rows for piece in pieces])
    columns = np.concatenate([piece.columns for piece in pieces])
    x, y = sheet.to_picture @ np.stack((columns + 0.5, rows + 0.5, np.ones(len(rows))))
    return np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)


if __name__ == "__main__":
    main()
