"""Makes the `Reading` that a user gets from the best explanation of a picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinydigits.reader.explanation import Explanation, RowReading
from tinydigits.reader.path import Path
from tinydigits.reader.pieces import Piece
from tinydigits.reader.reading import Digit, Reading, Rejected
from tinydigits.reader.recogniser import NO_DIGIT
from tinydigits.reader.rest import Character, points_of, reason, refused
from tinydigits.reader.sheet import Sheet
from tinydigits.reader.spaces import least_space

# A mark that the path takes for a digit is rejected if its probability is below this …
LEAST = 0.1
# … and in a picture of up to so many digits, where no digit speaks for the others, if it is below this.
FEW, LEAST_OF_FEW = 2, 0.6
# No digit has such a probability: all are rejected.
NEVER = 2.0
# Of a digit's mark, at most this share of the digit's own length may be left unread.
LARGEST_REST = 0.6
# A reading is doubtful if the next best text of a row is at least half as likely: log 2.
DOUBT = 0.7


@dataclass(frozen=True)
class Demands:
    """The least probability of a digit; else it is rejected.

    Attributes:
        least: what makes it a digit.
        wished: what the user asks for.
        all_refused: whether the picture seems to show no digits at all.
        doubtful: whether digits are nearly as likely, where all are refused.
    """

    least: float
    wished: float
    all_refused: bool = False
    doubtful: bool = False


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


def reading_of(
    explanation: Explanation, size: tuple[int, int], min_confidence: float, signs: bool, margin: float
) -> Reading:
    """Makes the reading of a picture of `size` (width, height); with `signs`, the text keeps signs among digits.

    Args:
        margin: log-odds that the picture shows digits at all, above the least that is asked for (see `judgement`); all
            digits are rejected if it is below 0.
    """
    sheet, wide = explanation.sheet, least_space_of(explanation.rows)
    demands = demands_of(explanation, min_confidence, margin)
    points = [points_of(row, explanation) for row in explanation.rows]
    lines = [
        line_of_row(row, own, sheet, size, demands, signs, wide)
        for row, own in zip(explanation.rows, points, strict=True)
    ]
    among_digits = {id(mark) for own in points for mark in own}
    specks = [
        Rejected(sheet.box([mark], size), 1.0, reason(mark, sheet.typical))
        for mark in explanation.specks
        if id(mark) not in among_digits
    ]
    text = "\n".join(line.text for line in lines if line.text)
    other = "\n".join(line.other for line in lines if line.other)
    return Reading(
        text,
        tuple(digit for line in lines for digit in line.digits),
        (
            *(mark for line in lines for mark in line.rejected),
            *specks,
            *(Rejected(box, 1.0, "outside the paper") for box in sheet.outside),
        ),
        other if other != text else None,
    )


def demands_of(explanation: Explanation, min_confidence: float, margin: float) -> Demands:
    if margin < 0:
        return Demands(NEVER, min_confidence, all_refused=True, doubtful=margin > -DOUBT)
    return Demands(LEAST_OF_FEW if explanation.digits <= FEW else LEAST, min_confidence)


def line_of_row(
    row: RowReading,
    points: Sequence[Piece],
    sheet: Sheet,
    size: tuple[int, int],
    demands: Demands,
    signs: bool,
    wide: float,
) -> Line:
    """Takes the digits of a row that are sure enough, and says why its other ink is none; a `wide` gap is a space.

    Args:
        points: specks among the digits.
    """
    found = [(index, digit_of(row, index, sheet, size)) for index in row.path.chosen]
    sure = [index for index, digit in found if digit.confidence >= max(demands.least, demands.wished)]
    parts = parts_of_marks(row, sure)
    kept = [(index, digit) for index, digit in found if index in sure and index not in parts]
    unsure = [
        Rejected(digit.box, 1 - digit.confidence, why_unsure(digit, demands))
        for index, digit in found
        if (index, digit) not in kept
    ]
    refusals = list(refused(row, points, sheet, size))
    among = [character for _, character in refusals if character is not None] if signs and kept else []
    text = line_of([*characters(row, [index for index, _ in kept]), *among], wide)
    second = second_best(row.path, demands)
    other = text if second is None else line_of(characters(row, second.chosen), wide)
    return Line(text, other, tuple(digit for _, digit in kept), (*unsure, *(mark for mark, _ in refusals)))


def why_unsure(digit: Digit, demands: Demands) -> str:
    return "not sure enough" if demands.least <= digit.confidence < demands.wished else "not a digit"


def parts_of_marks(row: RowReading, sure: Sequence[int]) -> set[int]:
    """Returns the candidates that are a part of a mark, much of which no digit explains, like a bar of an A.

    Args:
        sure: the candidates that are taken for digits.
    """
    lengths = row.lattice.lengths.tolist()
    marks = [piece.mark for piece in row.lattice.pieces]
    pieces = {index: range(*row.lattice.spans[index].tolist()) for index in sure}
    explained = {piece for own in pieces.values() for piece in own}
    read, unread = dict.fromkeys(marks, 0.0), dict.fromkeys(marks, 0.0)
    for number, (mark, length) in enumerate(zip(marks, lengths, strict=True)):
        (read if number in explained else unread)[mark] += length
    own_marks = {index: {marks[piece] for piece in own} for index, own in pieces.items()}
    return {
        index
        for index, own in own_marks.items()
        if sum(unread[mark] for mark in own) > LARGEST_REST * sum(read[mark] for mark in own)
    }


def second_best(path: Path, demands: Demands) -> Path | None:
    """Returns the path that is nearly as likely as what was read, if there is one."""
    if demands.all_refused:
        return path if demands.doubtful else None
    second = path.runner_up
    return second if second is not None and second.price - path.price < DOUBT else None


def digit_of(row: RowReading, index: int, sheet: Sheet, size: tuple[int, int]) -> Digit:
    """Makes the digit of a chosen candidate."""
    probabilities = np.exp(row.logarithms[index])
    answer = int(probabilities[:NO_DIGIT].argmax())
    box = sheet.box(row.pieces(index), size)
    ten = probabilities[:NO_DIGIT].astype(np.float32)
    return Digit(answer, float(probabilities[answer]), box, row.lattice.images[index], ten)


def characters(row: RowReading, chosen: Sequence[int]) -> list[Character]:
    """Returns the digits of some candidates, with their places."""
    answers = row.logarithms[:, :NO_DIGIT].argmax(axis=1)
    boxes = row.lattice.boxes
    return [Character(str(answers[index]), int(boxes[index, 1]), int(boxes[index, 3])) for index in chosen]


def least_space_of(rows: Sequence[RowReading]) -> float:
    """Returns the least gap between two numbers, in pixels of the sheet."""
    boxes = [row.lattice.boxes[list(row.path.chosen)] for row in rows if row.path.chosen]
    if not boxes:
        return np.inf
    height = float(np.median(np.concatenate([own[:, 2] - own[:, 0] for own in boxes])))
    gaps = np.concatenate([own[1:, 1] - own[:-1, 3] for own in boxes])
    return height * least_space(gaps / height)


def line_of(found: Sequence[Character], wide: float) -> str:
    """Returns the text of one row; a gap wider than `wide` becomes a space."""
    text, end = "", None
    for each in sorted(found, key=lambda each: each.left + each.right):
        text += " " * (end is not None and each.left - end > wide) + each.text
        end = each.right
    return text
