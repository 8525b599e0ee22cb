"""The class `Reader`, which reads digits from pictures."""

import numpy as np
from PIL import Image

from tinydigits.data import pictures
from tinydigits.formats import model_file
from tinydigits.formats.keras_pixels import Pixels
from tinydigits.reader.blocks import own_pixels
from tinydigits.reader.explanation import Explanation
from tinydigits.reader.ink import is_thumbnail
from tinydigits.reader.judgement import Weights, is_crease, margin
from tinydigits.reader.panels import without_panels
from tinydigits.reader.path import Prices
from tinydigits.reader.reading import Digit, Reading, Rejected
from tinydigits.reader.recogniser import NO_DIGIT, recogniser_of
from tinydigits.reader.result import reading_of
from tinydigits.reader.search import search
from tinydigits.reader.single import single_digit

# A thumbnail that is read with at least this probability as one digit is not searched for several.
SURE = 0.9
# One digit is refused from this log-odds of no digit against the best digit: 0.75 % of MNIST's validation images are.
REFUSED = 0.66
# Several digits side by side are at least so many times as wide as high.
WIDE = 1.5


class Reader:
    """Reads digits from pictures with one model.

    Args:
        model: the name of a shipped model, or a path.
        pixels: the range of the pixels that the model takes, "0-1" or "0-255"; None for what its file tells.

    Raises:
        ModelError: there is no such model, its file cannot be used, or it has other classes than the ten digits.
        ImageShapeError: the model does not take images of 28×28 pixels.
    """

    def __init__(self, model: str = model_file.READER, *, pixels: Pixels | None = None) -> None:
        self.model = model_file.load(model, pixels)
        self.recogniser = recogniser_of(self.model)
        self.prices = Prices()
        self.weights = Weights()

    def read(
        self, image: pictures.Picture, *, single: bool = False, min_confidence: float = 0.0, signs: bool = False
    ) -> Reading:
        """Reads the digits of a picture.

        Args:
            image: a path, the bytes of a file, a PIL image or an array (see `pictures.opened`).
            single: the picture shows one digit, whatever it looks like.
            min_confidence: digits with less confidence than this, 0 to 1, are rejected too.
            signs: keep signs that stand among digits in the text: . , : - / ( ).

        Raises:
            PictureError: the picture cannot be decoded, or is above a limit.
        """
        picture, size = own_pixels(pictures.opened(image))
        return self.read_picture(without_panels(picture), single, min_confidence, signs).enlarged(size)

    def read_picture(self, picture: Image.Image, single: bool, min_confidence: float, signs: bool) -> Reading:
        """Reads the digits of a picture of mode L or RGB; see `read`."""
        if single or is_thumbnail(picture):
            alone = self.read_one(picture)
            if single or not may_be_several(alone):
                return sure_enough(alone, min_confidence)
        explanation = search(picture, self.recogniser.logarithms, self.prices, self.likely)
        if explanation is None:
            return Reading("")
        return reading_of(explanation, picture.size, min_confidence, signs, self.likely(explanation))

    def likely(self, explanation: Explanation) -> float:
        """Returns how likely the picture shows digits at all, below 0 if it is refused; 0 for nets of ten answers."""
        if is_crease(explanation):
            return -np.inf
        return margin(explanation, self.weights) if self.model.classes > NO_DIGIT else 0.0

    def read_one(self, picture: Image.Image) -> Reading:
        """Reads the one digit of a picture."""
        found = single_digit(picture)
        if found is None:
            return Reading("")
        image, box = found
        probabilities = np.exp(self.recogniser.logarithms(image[None])[0])
        answer = int(probabilities[:NO_DIGIT].argmax())
        confidence = float(probabilities[answer])
        if np.log(probabilities[NO_DIGIT] / confidence) >= REFUSED:
            return Reading("", (), (Rejected(box, float(probabilities[NO_DIGIT]), "not a digit"),))
        digit = Digit(answer, confidence, box, image, probabilities[:NO_DIGIT].astype(np.float32))
        return Reading(str(answer), (digit,), ())


def sure_enough(alone: Reading, min_confidence: float) -> Reading:
    """Returns the reading of one digit, which is rejected if its confidence is below `min_confidence`."""
    if not alone.digits or alone.digits[0].confidence >= min_confidence:
        return alone
    digit = alone.digits[0]
    return Reading("", (), (Rejected(digit.box, 1 - digit.confidence, "not sure enough"),))


def may_be_several(alone: Reading) -> bool:
    """Returns whether a thumbnail, read as one digit, may show several: its ink is wide, and no digit beyond doubt."""
    boxes = [digit.box for digit in alone.digits] + [mark.box for mark in alone.rejected]
    wide = any(width >= WIDE * height for _, _, width, height in boxes)
    return wide and not (alone.digits and alone.digits[0].confidence >= SURE)
