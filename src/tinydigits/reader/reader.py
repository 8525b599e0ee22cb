"""Picture → digits."""

import numpy as np
from PIL import Image

from tinydigits.arrays import UInt8Images
from tinydigits.data import pictures
from tinydigits.errors import ImageShapeError
from tinydigits.formats import model_file
from tinydigits.reader.broken import joined, pieces
from tinydigits.reader.confidence import NotADigit, not_a_digit_from, tempered
from tinydigits.reader.ink import is_cell
from tinydigits.reader.layout import Layout, layout_of, of_marks, sideways
from tinydigits.reader.normalise import SIDE
from tinydigits.reader.page import Page
from tinydigits.reader.reading import Digit, Reading, Rejected
from tinydigits.reader.recognised import Recognised, alike, evidence
from tinydigits.reader.segment import Mark
from tinydigits.reader.touching import halves, is_wide

# A page is tried on its sides when it reads worse than this upright: mean certainty, 0 to 1,
UPRIGHT = 0.9
# and is taken to lie on one when so many times as much of its ink reads as digits.
BETTER = 1.2
# Fewer marks than this have no upright.
FEWEST = 3
# Two marks are pieces of one digit when together they are at least this certain, and like one:
MENDED = 0.9
TYPICAL_SCORE = 1.5
# A digit is broken at most so often.
MOST_SKIPS = 3
# One mark is two digits when both halves together are this much more certain than the whole.
CUT_GAIN = 0.1


class Reader:
    """Reads digits from pictures with one model.

    Args:
        model: a shipped model's name or a path, as everywhere.

    Raises:
        ModelError: there is no such model, or its file cannot be used.
        ImageShapeError: the model takes other images than 28×28.
    """

    def __init__(self, model: str = model_file.DEFAULT) -> None:
        loaded = model_file.load(model)
        if loaded.input_shape not in ((SIDE, SIDE), (SIDE, SIDE, 1)):
            raise ImageShapeError(
                loaded.name,
                found=f"a net for images of shape {loaded.input_shape}",
                expected=f"({SIDE}, {SIDE})",
                fix="Read with a net that was trained on images of that size.",
            )
        self.model = loaded
        self.not_a_digit: NotADigit | None = (
            None if loaded.rejection is None else not_a_digit_from(loaded.rejection, loaded.name)
        )

    def read(self, image: pictures.Picture, *, single: bool = False, min_confidence: float = 0.0) -> Reading:
        """What a picture says.

        Args:
            image: a path, the bytes of a file, a PIL image or an array (see `pictures.opened`).
            single: the picture is one digit, as pictures of up to 100 pixels a side always are.
            min_confidence: digits less sure than this, 0 to 1, are rejected too.

        Raises:
            PictureError: the picture cannot be decoded, or is over a cap.
        """
        picture = pictures.opened(image)
        layout = layout_of(picture, single=single)
        seen = self.recognise(layout.images)
        if not single and not is_cell(picture):
            layout, seen = self.upright(picture, *alike(*self.mended(layout, seen)))
            layout, seen = alike(*self.uncoupled(layout, seen))
        return reading_of(layout, seen, self.threshold, min_confidence)

    @property
    def threshold(self) -> float:
        """The not-a-digit score from which a mark is rejected."""
        return np.inf if self.not_a_digit is None else self.not_a_digit.threshold

    def recognise(self, images: UInt8Images) -> Recognised:
        """What the model makes of normalised images, uint8 [n, 28, 28]."""
        if len(images) == 0:
            return Recognised(np.zeros((0, 10), np.float32), np.zeros(0), np.zeros(0))
        raw = self.model.predict(images)
        probabilities = tempered(raw, self.model.temperature)
        scores = np.zeros(len(images)) if self.not_a_digit is None else self.not_a_digit.scores(images, raw)
        return Recognised(probabilities, scores, np.where(scores < self.threshold, probabilities.max(axis=1), 0))

    def upright(self, picture: Image.Image, layout: Layout, seen: Recognised) -> tuple[Layout, Recognised]:
        """The layout, or that of the page turned a quarter where it reads much better so."""
        if len(layout.marks) < FEWEST or seen.certainty.mean() >= UPRIGHT:
            return layout, seen
        others = [alike(*self.mended(other, self.recognise(other.images))) for other in sideways(picture)]
        best = max(others, key=lambda each: evidence(*each), default=(layout, seen))
        return best if evidence(*best) > BETTER * evidence(layout, seen) else (layout, seen)

    def mended(self, layout: Layout, seen: Recognised) -> tuple[Layout, Recognised]:
        """The layout with the pieces of broken digits taken together, where they surely read as one."""
        page = layout.page
        if page is None:
            return layout, seen
        for _ in range(MOST_SKIPS):
            found = list(pieces(layout.marks, page))
            together = self.recognise(of_marks(page, [both for _, _, both in found], layout.size).images)
            worst = np.array([max(seen.scores[first], seen.scores[second]) for first, second, _ in found])
            surely = (together.certainty >= MENDED) & (together.scores <= np.minimum(worst, TYPICAL_SCORE))
            order = [index for index in np.argsort(together.scores).tolist() if surely[index]]
            if not order:
                break
            layout = of_marks(page, joined(layout.marks, [found[index] for index in order]), layout.size)
            seen = self.recognise(layout.images)
        return layout, seen

    def uncoupled(self, layout: Layout, seen: Recognised) -> tuple[Layout, Recognised]:
        """The layout with wide marks cut into the digits that touch in them."""
        page = layout.page
        if page is None or not any(map(is_wide, layout.marks)):
            return layout, seen
        marks = [
            part
            for mark, certainty in zip(layout.marks, seen.certainty, strict=True)
            for part in (self.parts(page, mark, float(certainty)) if is_wide(mark) else (mark,))
        ]
        if len(marks) == len(layout.marks):
            return layout, seen
        cut = of_marks(page, marks, layout.size)
        return cut, self.recognise(cut.images)

    def parts(self, page: Page, mark: Mark, certainty: float) -> list[Mark]:
        """The digits that a mark is made of: itself, or its halves where both are surer, and theirs."""
        if not is_wide(mark) or certainty > 1 - CUT_GAIN:
            return [mark]
        pairs = list(halves(mark, page))
        if not pairs:
            return [mark]
        images = of_marks(page, [half for pair in pairs for half in pair], (1, 1)).images
        surely = self.recognise(images).certainty.reshape(-1, 2)
        best = int(surely.min(axis=1).argmax())
        if surely[best].min() < certainty + CUT_GAIN:
            return [mark]
        return [
            part
            for half, sure in zip(pairs[best], surely[best], strict=True)
            for part in self.parts(page, half, float(sure))
        ]


def reading_of(layout: Layout, seen: Recognised, threshold: float, min_confidence: float) -> Reading:
    """Marks and what the model made of them, as a user gets them."""
    accepted = (seen.scores < threshold) & (seen.probabilities.max(axis=1, initial=0) >= min_confidence)
    answers = seen.probabilities.argmax(axis=1)
    digits = tuple(
        Digit(
            int(answers[index]),
            float(seen.probabilities[index].max()),
            layout.box(index),
            layout.images[index],
            seen.probabilities[index],
        )
        for index in np.flatnonzero(accepted).tolist()
    )
    rejected = tuple(
        Rejected(layout.box(index), float(seen.scores[index])) for index in np.flatnonzero(~accepted).tolist()
    )
    text = layout.text([str(answer) if kept else "" for answer, kept in zip(answers, accepted, strict=True)])
    return Reading(text, digits, rejected)
