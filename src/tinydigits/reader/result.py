"""Makes the `Reading` that a user gets from the best explanation of a picture."""

from collections.abc import Iterator, Sequence

import numpy as np

from tinydigits.reader.path import left_out
from tinydigits.reader.pieces import Piece
from tinydigits.reader.reading import Box, Digit, Reading, Rejected
from tinydigits.reader.recogniser import NO_DIGIT
from tinydigits.reader.search import Explanation, RowReading
from tinydigits.reader.sheet import Sheet

# A gap between two numbers is at least this share of the median digit height.
WORD_GAP = 0.6
# A gap between two numbers is also at least this multiple of the page's median gap.
UNUSUAL_GAP = 1.8
# Marks lower than this share of the row's usual digit are too small to be digits.
TOO_SMALL = 0.4

# A rectangle on the sheet: top, left, bottom, right.
Rectangle = tuple[int, int, int, int]


def reading_of(explanation: Explanation | None, size: tuple[int, int], min_confidence: float) -> Reading:
    """Makes the reading of a picture of `size` (width, height)."""
    if explanation is None:
        return Reading("", (), ())
    sheet = explanation.sheet
    digits, rejected, lines = [], [], []
    spaces = word_gap(explanation.rows)
    for row in explanation.rows:
        texts, boxes = [], []
        for index in row.path.chosen:
            digit = digit_of(row, index, sheet.box(row.lattice.boxes[index].tolist(), size))
            sure = digit.confidence >= min_confidence
            texts.append(str(digit.digit) if sure else "")
            boxes.append(row.lattice.boxes[index].tolist())
            if sure:
                digits.append(digit)
            else:
                rejected.append(Rejected(digit.box, 1 - digit.confidence, "not sure enough"))
        rejected += refused(row, sheet, size)
        lines.append(line_of(texts, boxes, spaces))
    rejected += [Rejected(sheet.box(mark.box, size), 1.0, reason(mark, sheet.typical)) for mark in explanation.specks]
    return Reading("\n".join(filter(None, lines)), tuple(digits), tuple(rejected))


def digit_of(row: RowReading, index: int, box: Box) -> Digit:
    """Makes the digit of a chosen candidate."""
    probabilities = np.exp(row.logarithms[index])
    answer = int(probabilities[:NO_DIGIT].argmax())
    return Digit(
        answer,
        float(probabilities[answer]),
        box,
        row.lattice.images[index],
        probabilities[:NO_DIGIT].astype(np.float32),
    )


def refused(row: RowReading, sheet: Sheet, size: tuple[int, int]) -> Iterator[Rejected]:
    """Yields the ink of a row that no digit explains: neighbouring pieces of one mark together."""
    runs: list[list[Piece]] = []
    for piece in left_out(row.lattice, row.path):
        if runs and runs[-1][-1].mark == piece.mark:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    for run in runs:
        boxes = np.array([piece.box for piece in run])
        box = (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
        small = box[2] - box[0] < TOO_SMALL * row.lattice.tall
        yield Rejected(sheet.box(box, size), 1.0, "too small beside the others" if small else "not a digit")


def reason(mark: Piece, typical: float) -> str:
    """Says why a mark was not looked at as a digit."""
    return "too small beside the others" if mark.height < typical else "too large beside the others"


def word_gap(rows: Sequence[RowReading]) -> float:
    """Returns the least gap between two numbers, in pixels of the sheet."""
    chosen = [row.lattice.boxes[list(row.path.chosen)] for row in rows if row.path.chosen]
    if not chosen:
        return np.inf
    gaps = np.concatenate([boxes[1:, 1] - boxes[:-1, 3] for boxes in chosen])
    height = float(np.median(np.concatenate([boxes[:, 2] - boxes[:, 0] for boxes in chosen])))
    return max(WORD_GAP * height, UNUSUAL_GAP * float(np.median(gaps)) if len(gaps) else 0.0)


def line_of(texts: Sequence[str], boxes: Sequence[Sequence[int]], wide: float) -> str:
    """Returns the text of one row; a gap wider than `wide` becomes a space."""
    parts = [""]
    for index, text in enumerate(texts):
        if index and boxes[index][1] - boxes[index - 1][3] > wide:
            parts.append(" ")
        parts.append(text)
    return " ".join("".join(parts).split())
