"""What was read out of one picture."""

from dataclasses import dataclass
from typing import Any

from tinydigits.arrays import Float32Array, UInt8Images

# (left, top, width, height) in the picture's own pixels, after its EXIF orientation.
Box = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Digit:
    """One digit.

    Attributes:
        digit: 0 to 9.
        confidence: its calibrated probability, 0 to 1.
        box: where it stands.
        image: uint8 [28, 28], what the model saw.
        probabilities: float32 [10], calibrated.
    """

    digit: int
    confidence: float
    box: Box
    image: UInt8Images
    probabilities: Float32Array

    def as_json(self) -> dict[str, Any]:
        return {"digit": self.digit, "confidence": round(self.confidence, 4), "box": list(self.box)}


@dataclass(frozen=True)
class Rejected:
    """A mark that is no digit, or none that the model is sure of.

    Attributes:
        score: how unlike a digit it is; the model's threshold, or more, unless its confidence was too low.
    """

    box: Box
    score: float

    def as_json(self) -> dict[str, Any]:
        return {"box": list(self.box), "score": round(self.score, 4)}


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read out of one picture; empty where it shows no digit.

    Attributes:
        text: the digits in reading order, with spaces between numbers and newlines between rows.
        digits: the same, one by one.
        rejected: marks that were taken for no digit.
    """

    text: str
    digits: tuple[Digit, ...]
    rejected: tuple[Rejected, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "digits": [digit.as_json() for digit in self.digits],
            "rejected": [mark.as_json() for mark in self.rejected],
        }


EMPTY = Reading("", (), ())
