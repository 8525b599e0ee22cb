"""The class `Reader`, which reads digits from pictures."""

import numpy as np
from PIL import Image

from tinydigits.arrays import UInt8Images
from tinydigits.data import pictures
from tinydigits.data.dataset import CLASSES
from tinydigits.errors import ImageShapeError, ModelError
from tinydigits.formats import model_file
from tinydigits.formats.keras_pixels import Pixels
from tinydigits.reader.broken import joined, pieces
from tinydigits.reader.confidence import NotADigit, not_a_digit_from, tempered
from tinydigits.reader.ink import is_cell
from tinydigits.reader.layout import Layout, layout_of, of_marks, sideways
from tinydigits.reader.normalise import SIDE
from tinydigits.reader.page import Page
from tinydigits.reader.reading import Digit, Reading, Rejected
from tinydigits.reader.recognised import Recognised, evidence, without_dirt
from tinydigits.reader.segment import Mark
from tinydigits.reader.touching import halves, is_wide

# Try the other orientations of a page if mean certainty, 0 to 1, is below this.
UPRIGHT_CERTAINTY = 0.9
# Turn a page if this many times as much of its ink reads as digits in the other orientation.
TURN_GAIN = 1.2
# Pages with fewer marks than this are never turned.
FEWEST_MARKS_TO_TURN = 3
# Two marks are joined if the model is at least this certain, 0 to 1, that together they are one digit.
JOINED_CERTAINTY = 0.9
# Largest not-a-digit score of two joined marks. A typical digit has 1.
JOINED_SCORE = 1.5
# Pieces are joined in at most this many rounds. Each round adds one piece to a digit.
JOIN_ROUNDS = 3
# A mark is cut in two if the certainty of both halves exceeds that of the whole mark by this.
CUT_GAIN = 0.1


class Reader:
    """Reads digits from pictures with one model.

    Args:
        model: the name of a shipped model, or a path.
        pixels: the range of the pixels that the model takes, "0-1" or "0-255"; None for what its file tells.

    Raises:
        ModelError: there is no such model, its file cannot be used, or it has other classes than the ten digits.
        ImageShapeError: the model does not take images of 28×28 pixels.
    """

    def __init__(self, model: str = model_file.DEFAULT, *, pixels: Pixels | None = None) -> None:
        loaded = model_file.load(model, pixels)
        check_classes(loaded)
        if loaded.input_shape not in ((SIDE, SIDE), (SIDE, SIDE, 1), (SIDE * SIDE,)):
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
        """Reads the digits of a picture.

        Args:
            image: a path, the bytes of a file, a PIL image or an array (see `pictures.opened`).
            single: the picture shows one digit. Pictures of up to 100 pixels a side always do.
            min_confidence: digits with less confidence than this, 0 to 1, are rejected too.

        Raises:
            PictureError: the picture cannot be decoded, or is above a limit.
        """
        picture = pictures.opened(image)
        layout = layout_of(picture, single=single)
        seen = self.recognise(layout.images)
        if not single and not is_cell(picture):
            layout, seen = self.turn_upright(picture, *without_dirt(*self.join_broken(layout, seen)))
            layout, seen = without_dirt(*self.split_touching(layout, seen))
        return reading_of(layout, seen, self.threshold, min_confidence)

    @property
    def threshold(self) -> float:
        """The not-a-digit score from which a mark is rejected; infinite if the model has none."""
        return np.inf if self.not_a_digit is None else self.not_a_digit.threshold

    def recognise(self, images: UInt8Images) -> Recognised:
        """Runs the model on normalised images, uint8 [n, 28, 28]."""
        if len(images) == 0:
            return Recognised(np.zeros((0, 10), np.float32), np.zeros(0), np.zeros(0))
        raw = self.model.predict(images)
        probabilities = tempered(raw, self.model.temperature)
        scores = np.zeros(len(images)) if self.not_a_digit is None else self.not_a_digit.scores(images, raw)
        return Recognised(probabilities, scores, np.where(scores < self.threshold, probabilities.max(axis=1), 0))

    def turn_upright(self, picture: Image.Image, layout: Layout, seen: Recognised) -> tuple[Layout, Recognised]:
        """Returns the layout, or that of the page after a quarter turn if it then reads much better."""
        if len(layout.marks) < FEWEST_MARKS_TO_TURN or seen.certainty.mean() >= UPRIGHT_CERTAINTY:
            return layout, seen
        others = [without_dirt(*self.join_broken(other, self.recognise(other.images))) for other in sideways(picture)]
        best = max(others, key=lambda each: evidence(*each), default=(layout, seen))
        return best if evidence(*best) > TURN_GAIN * evidence(layout, seen) else (layout, seen)

    def join_broken(self, layout: Layout, seen: Recognised) -> tuple[Layout, Recognised]:
        """Joins the pieces of broken digits if the model is certain that together they are one digit."""
        page = layout.page
        if page is None:
            return layout, seen
        for _ in range(JOIN_ROUNDS):
            found = list(pieces(layout.marks, page))
            together = self.recognise(of_marks(page, [both for _, _, both in found], layout.size).images)
            worst = np.array([max(seen.scores[first], seen.scores[second]) for first, second, _ in found])
            surely = (together.certainty >= JOINED_CERTAINTY) & (together.scores <= np.minimum(worst, JOINED_SCORE))
            order = [index for index in np.argsort(together.scores).tolist() if surely[index]]
            if not order:
                break
            layout = of_marks(page, joined(layout.marks, [found[index] for index in order]), layout.size)
            seen = self.recognise(layout.images)
        return layout, seen

    def split_touching(self, layout: Layout, seen: Recognised) -> tuple[Layout, Recognised]:
        """Cuts wide marks into the digits that touch each other in them."""
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
        """Returns the digits of a mark: itself, or the digits of its two halves if both read with more certainty."""
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


def check_classes(loaded: model_file.LoadedModel) -> None:
    """Raises ModelError unless a model gives one probability for each of the ten digits."""
    if loaded.classes != CLASSES:
        raise ModelError(
            loaded.name,
            found=f"a net of {loaded.classes} classes" if loaded.classes else "a net that does not return one row",
            expected=f"{CLASSES} classes, one a digit",
            fix="Read with a net that was trained on all ten digits.",
        )


def reading_of(layout: Layout, seen: Recognised, threshold: float, min_confidence: float) -> Reading:
    """Makes the `Reading` that a user gets from marks and the model's answers."""
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
