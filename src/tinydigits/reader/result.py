"""Makes the `Reading` that a user gets from the best explanation of a picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tinydigits.arrays import Int64Array
from tinydigits.reader.path import Path, left_out
from tinydigits.reader.pieces import Piece
from tinydigits.reader.reading import Digit, Reading, Rejected
from tinydigits.reader.recogniser import NO_DIGIT
from tinydigits.reader.search import SPECK, TALLEST, Explanation, RowReading
from tinydigits.reader.sheet import Sheet
from tinydigits.reader.signs import sign_of

# A gap between two numbers is at least this share of the median digit height.
WORD_GAP = 0.6
# A gap between two numbers is also at least this multiple of the page's median gap.
UNUSUAL_GAP = 1.8
# Marks lower than this share of the row's height are too small to be digits.
TOO_SMALL = 0.4
# A mark that the path takes for a digit is rejected if its probability is below this.
LEAST = 0.1
# Of a digit's mark, at most this share of the digit's own length may be left unread.
LARGEST_REST = 0.6
# A reading is doubtful if the next best text of a row is at least half as likely: log 2.
DOUBT = 0.7


@dataclass(frozen=True)
class Character:
    """A digit or sign of a row's text, and where it begins and ends, in pixels of the sheet."""

    text: str
    left: int
    right: int


@dataclass(frozen=True)
class Line:
    """What one row says.

    Attributes:
        text, other: its text, and the runner-up's; the same if the row is not doubtful.
    """

    text: str
    other: str
    digits: tuple[Digit, ...]
    rejected: tuple[Rejected, ...]


def reading_of(explanation: Explanation | None, size: tuple[int, int], min_confidence: float, signs: bool) -> Reading:
    """Makes the reading of a picture of `size` (width, height); with `signs`, the text keeps signs among digits."""
    if explanation is None:
        return Reading("")
    sheet, wide = explanation.sheet, word_gap(explanation.rows)
    lines = [line_of_row(row, sheet, size, min_confidence, signs, wide) for row in explanation.rows]
    specks = [Rejected(sheet.box(mark.box, size), 1.0, reason(mark, sheet.typical)) for mark in explanation.specks]
    text = "\n".join(line.text for line in lines if line.text)
    other = "\n".join(line.other for line in lines if line.other)
    return Reading(
        text,
        tuple(digit for line in lines for digit in line.digits),
        (*(mark for line in lines for mark in line.rejected), *specks),
        other if other != text else None,
    )


def line_of_row(
    row: RowReading, sheet: Sheet, size: tuple[int, int], min_confidence: float, signs: bool, wide: float
) -> Line:
    """Takes the digits of a row that are sure enough, and says why its other ink is none; a `wide` gap is a space."""
    least, parts = max(LEAST, min_confidence), parts_of_marks(row)
    found = [(index, digit_of(row, index, sheet, size)) for index in row.path.chosen]
    kept = [(index, digit) for index, digit in found if digit.confidence >= least and index not in parts]
    unsure = [
        Rejected(digit.box, 1 - digit.confidence, why_unsure(digit, min_confidence))
        for index, digit in found
        if (index, digit) not in kept
    ]
    refusals = list(refused(row, sheet, size))
    among = [character for _, character in refusals if character is not None] if signs and kept else []
    text = line_of([*characters(row, [index for index, _ in kept]), *among], wide)
    second = doubt(row.path)
    other = text if second is None else line_of(characters(row, second.chosen), wide)
    return Line(text, other, tuple(digit for _, digit in kept), (*unsure, *(mark for mark, _ in refusals)))


def why_unsure(digit: Digit, min_confidence: float) -> str:
    return "not sure enough" if LEAST <= digit.confidence < min_confidence else "not a digit"


def parts_of_marks(row: RowReading) -> set[int]:
    """Returns the chosen candidates that are a part of a mark, much of which no digit explains, like a bar of an A."""
    unread: dict[int, float] = {}
    lengths = dict(zip(map(id, row.lattice.pieces), row.lattice.lengths.tolist(), strict=True))
    for piece in left_out(row.lattice, row.path):
        unread[piece.mark] = unread.get(piece.mark, 0.0) + lengths[id(piece)]
    read: dict[int, float] = {}
    for index in row.path.chosen:
        for piece in row.lattice.pieces[slice(*row.lattice.spans[index].tolist())]:
            read[piece.mark] = read.get(piece.mark, 0.0) + lengths[id(piece)]
    parts = set()
    for index in row.path.chosen:
        marks = {piece.mark for piece in row.lattice.pieces[slice(*row.lattice.spans[index].tolist())]}
        if sum(unread.get(mark, 0.0) for mark in marks) > LARGEST_REST * sum(read[mark] for mark in marks):
            parts.add(index)
    return parts


def doubt(path: Path) -> Path | None:
    """Returns the runner-up if it is nearly as likely as the path."""
    second = path.runner_up
    return second if second is not None and second.price - path.price < DOUBT else None


def digit_of(row: RowReading, index: int, sheet: Sheet, size: tuple[int, int]) -> Digit:
    """Makes the digit of a chosen candidate."""
    probabilities = np.exp(row.logarithms[index])
    answer = int(probabilities[:NO_DIGIT].argmax())
    box = sheet.box(row.lattice.boxes[index].tolist(), size)
    ten = probabilities[:NO_DIGIT].astype(np.float32)
    return Digit(answer, float(probabilities[answer]), box, row.lattice.images[index], ten)


def characters(row: RowReading, chosen: Sequence[int]) -> list[Character]:
    """Returns the digits of some candidates, with their places."""
    answers = row.logarithms[:, :NO_DIGIT].argmax(axis=1)
    boxes = row.lattice.boxes
    return [Character(str(answers[index]), int(boxes[index, 1]), int(boxes[index, 3])) for index in chosen]


def refused(row: RowReading, sheet: Sheet, size: tuple[int, int]) -> Iterator[tuple[Rejected, Character | None]]:
    """Yields the ink of a row that no digit explains, and the sign that it looks like: pieces of one mark together."""
    runs: list[list[Piece]] = []
    for piece in left_out(row.lattice, row.path):
        if runs and runs[-1][-1].mark == piece.mark:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    top, bottom = usual_extent(row)
    for run in runs:
        boxes = np.array([piece.box for piece in run])
        box = (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
        sign = sign_of(run, top, bottom) if bottom > top else None
        small = box[2] - box[0] < TOO_SMALL * row.lattice.tall
        why = "a sign" if sign else "too small beside the others" if small else "not a digit"
        yield Rejected(sheet.box(box, size), 1.0, why, sign), Character(sign, box[1], box[3]) if sign else None


def usual_extent(row: RowReading) -> tuple[float, float]:
    """Returns the median top and bottom of the row's digits; (0, 0) if it has none."""
    boxes = row.lattice.boxes[list(row.path.chosen)]
    return (float(np.median(boxes[:, 0])), float(np.median(boxes[:, 2]))) if len(boxes) else (0.0, 0.0)


def reason(mark: Piece, typical: float) -> str:
    """Says why a mark was not looked at as a digit."""
    if SPECK * typical <= mark.height <= TALLEST * typical:
        return "too faint"
    return "too small beside the others" if mark.height < typical else "too large beside the others"


def word_gap(rows: Sequence[RowReading]) -> float:
    """Returns the least gap between two numbers, in pixels of the sheet."""
    chosen: list[Int64Array] = [row.lattice.boxes[list(row.path.chosen)] for row in rows if row.path.chosen]
    if not chosen:
        return np.inf
    gaps = np.concatenate([boxes[1:, 1] - boxes[:-1, 3] for boxes in chosen])
    height = float(np.median(np.concatenate([boxes[:, 2] - boxes[:, 0] for boxes in chosen])))
    return max(WORD_GAP * height, UNUSUAL_GAP * float(np.median(gaps)) if len(gaps) else 0.0)


def line_of(found: Sequence[Character], wide: float) -> str:
    """Returns the text of one row; a gap wider than `wide` becomes a space."""
    text, end = "", None
    for each in sorted(found, key=lambda each: each.left + each.right):
        text += " " * (end is not None and each.left - end > wide) + each.text
        end = each.right
    return text
