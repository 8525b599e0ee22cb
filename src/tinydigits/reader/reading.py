"""The result of reading one picture."""

from dataclasses import dataclass, replace
from typing import Any

from tinydigits.arrays import Float32Array, UInt8Images

# (left, top, width, height) in the picture's own pixels, after its EXIF orientation.
Box = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Digit:
    """A digit that was read.

    Attributes:
        digit: 0 to 9.
        confidence: the calibrated probability of `digit`, 0 to 1.
        box: its place in the picture.
        image: uint8 [28, 28], the normalised image that the model saw.
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
    """A mark that is no digit, or a digit with too little confidence.

    Attributes:
        score: how sure it is that the mark is no digit, 0 to 1.
        reason: why it is no digit of the reading, in words.
        sign: the sign that it looks like, one of . , - / : ( ); None for none.
    """

    box: Box
    score: float
    reason: str
    sign: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {"box": list(self.box), "score": round(self.score, 4), "reason": self.reason} | (
            {} if self.sign is None else {"sign": self.sign}
        )


@dataclass(frozen=True, eq=False)
class Reading:
    """The result of reading one picture; all fields are empty if it shows no mark.

    Attributes:
        text: the digits in reading order, with spaces between numbers and newlines between rows.
        digits: the digits of `text`, one by one.
        rejected: marks that are not in `digits`, each with its reason.
        doubtful: whether another text is nearly as likely.
        runner_up: that text, the second best; None if the reading is not doubtful.
    """

    text: str
    digits: tuple[Digit, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    runner_up: str | None = None

    @property
    def doubtful(self) -> bool:
        return self.runner_up is not None

    def enlarged(self, factor: int) -> "Reading":
        """Returns the reading of a picture whose every pixel became a block of factor × factor."""
        return replace(
            self,
            digits=tuple(replace(digit, box=times(digit.box, factor)) for digit in self.digits),
            rejected=tuple(replace(mark, box=times(mark.box, factor)) for mark in self.rejected),
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "digits": [digit.as_json() for digit in self.digits],
            "rejected": [mark.as_json() for mark in self.rejected],
            "doubtful": self.doubtful,
        } | ({"runner_up": self.runner_up} if self.doubtful else {})


def times(box: Box, factor: int) -> Box:
    left, top, width, height = box
    return factor * left, factor * top, factor * width, factor * height
