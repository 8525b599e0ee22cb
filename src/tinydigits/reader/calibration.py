"""Fits a model's temperature and not-a-digit score after training; the model's file stores both.

Real strokes are thinner or thicker than MNIST's, and real pictures are softer or sharper. A score that is fitted to
MNIST alone rejects half of all screen-drawn digits. So it is fitted to MNIST's digits and to variations of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tinydigits.arrays import AnyFloats, Float32Array, Int64Array, Predict, UInt8Images
from tinydigits.data.dataset import CLASSES, Dataset, scaled, without_channel_axis
from tinydigits.errors import DataError, ImageShapeError
from tinydigits.reader.confidence import LEAST_PROBABILITY, NotADigit, measures, short, tempered
from tinydigits.reader.normalise import SIDE, area_weights, normalise
from tinydigits.system.interruption import obey_interruptions

# Share of validation digits that the threshold rejects by mistake. A test set may lose up to 1 %.
REJECTED_SHARE = 0.005
# Number of digits to vary. More cost time and do not change the 18 means and their covariance noticeably.
MOST_VARIED = 20_000
# Number of digits to vary in a training, which takes a second longer for it. The threshold is then less exact: it
# rejects 0.4 to 0.6 % of MNIST's test digits, where one of the larger number rejects 0.2 to 0.4 %.
FEW_VARIED = 2_000
# Fewest validation digits to fit to. With so few, the threshold is about the largest of 40 scores.
FEWEST_VALIDATION = 20
# Fewest training digits of each class whose mean means something.
FEWEST_OF_A_CLASS = 10
# Seed of the variations.
SEED = 0
# Range of changes of the pen, in pixels. Below 0, strokes lose width on one side; above, they gain on every side.
PEN = (-1.3, 0.6)
# Half of the pictures are shrunk to fewer pixels per side, at least this many.
FEWEST_PIXELS = 15
# Half of the pictures get sharper edges: contrast around middle grey times 1 to this factor.
HARDEST = 4.0
# Fainter pixels, 0 to 1, become 0.
FAINTEST = 0.05

# Smallest and largest temperature that is tried.
TEMPERATURES = (0.05, 20.0)


@dataclass(frozen=True, eq=False)
class Calibration:
    """What is fitted to a trained net.

    Attributes:
        temperature: calibrated confidence is the softmax of logits divided by this.
        not_a_digit: the score that shows whether a picture is a digit.
    """

    temperature: float
    not_a_digit: NotADigit


def calibration_of(predict: Predict, train: Dataset, validation: Dataset, most: int = MOST_VARIED) -> Calibration:
    """Fits temperature and not-a-digit score to the net behind `predict`.

    Args:
        most: number of digits of each part that the score is fitted to, with one variation each.

    Raises:
        ImageShapeError: the images are not 28×28 pixels.
        DataError: there are too few digits, or too few of one class.
    """
    check_digits(train, validation)
    temperature = fit_temperature(predict(validation.images), validation.labels)
    return Calibration(temperature, fit_not_a_digit(predict, plane(train), plane(validation), most))


def check_digits(train: Dataset, validation: Dataset) -> None:
    """Raises ImageShapeError or DataError unless temperature and score can be fitted to these digits."""
    for part in (train, validation):
        if without_channel_axis(part.images.shape[1:]) != (SIDE, SIDE):
            raise ImageShapeError(
                part.name,
                found=f"images of {' × '.join(map(str, part.images.shape[1:]))}",
                expected=f"{SIDE} × {SIDE}",
                fix="Train on images of that size to read pictures with the net.",
            )
    if len(validation) < FEWEST_VALIDATION:
        raise too_few(validation, len(validation), "digits for validation", FEWEST_VALIDATION)
    counts = np.bincount(train.labels, minlength=CLASSES)
    rarest = int(counts.argmin())
    if counts[rarest] < FEWEST_OF_A_CLASS:
        raise too_few(train, int(counts[rarest]), f"training images of the digit {rarest}", FEWEST_OF_A_CLASS)


def too_few(digits: Dataset, found: int, kind: str, fewest: int) -> DataError:
    return DataError(digits.name, found=f"{found} {kind}", expected=f"at least {fewest}", fix="Add more digits.")


def plane(digits: Dataset) -> Dataset:
    """Returns the digits without an axis of one channel, [n, 28, 28]."""
    return Dataset(digits.images.reshape(-1, SIDE, SIDE), digits.labels, digits.name)


def negative_log_likelihood(probabilities: AnyFloats, labels: Int64Array) -> float:
    """Returns the mean negative log-likelihood of `labels`, in nats."""
    chosen = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chosen, LEAST_PROBABILITY)).mean())


def fit_temperature(probabilities: AnyFloats, labels: Int64Array) -> float:
    """Returns the temperature with the smallest negative log-likelihood of `labels` [n], by Brent's method.

    It is 1 where every answer is right: then the likelihood only grows as the temperature falls to 0.
    """
    from scipy.optimize import minimize_scalar

    if np.array_equal(probabilities.argmax(axis=1), labels):
        return 1.0

    def loss(logarithm: float) -> float:
        return negative_log_likelihood(tempered(probabilities, float(np.exp(logarithm))), labels)

    found = minimize_scalar(loss, bounds=np.log(TEMPERATURES), method="bounded", options={"xatol": 1e-8})
    return short(float(np.exp(found.x)))


def fit_not_a_digit(predict: Predict, train: Dataset, validation: Dataset, most: int = MOST_VARIED) -> NotADigit:
    """Fits the not-a-digit score: means and covariance on training digits, the threshold on validation digits.

    Both sets are cut to `most` digits and extended by a variation of each.
    """
    train, validation = (with_varied(some_of(part, most), np.random.default_rng(SEED)) for part in (train, validation))
    values = measures(train.images, predict(train.images))
    means = np.stack([values[train.labels == digit].mean(axis=0) for digit in range(CLASSES)])
    # Log-probabilities that never vary make the covariance singular, so this is the pseudo-inverse.
    precision = np.linalg.pinv(np.cov((values - means[train.labels]).T), hermitian=True)
    score = NotADigit(means, precision, np.inf)
    scores = score.scores(validation.images, predict(validation.images))
    return replace(score, threshold=short(float(np.quantile(scores, 1 - REJECTED_SHARE))))


def some_of(digits: Dataset, most: int) -> Dataset:
    """Returns the first digits, `most` at most; where a class is not among them, digits at equal distances."""
    if len(digits) <= most:
        return digits
    first = digits[:most]
    whole = len(np.unique(first.labels)) == len(np.unique(digits.labels))
    return first if whole else digits[np.linspace(0, len(digits) - 1, most).astype(np.int64)]


def with_varied(digits: Dataset, rng: np.random.Generator) -> Dataset:
    """Returns the digits, followed by one variation of each."""
    images = np.stack(list(each_varied(scaled(digits.images), rng)))
    return Dataset(np.concatenate((digits.images, images)), np.tile(digits.labels, 2), digits.name)


def each_varied(images: Float32Array, rng: np.random.Generator) -> Iterator[UInt8Images]:
    """Yields a variation of each image; obeys Ctrl-C, as this takes seconds."""
    for image in images:
        obey_interruptions()
        yield varied(image, rng)


def varied(image: Float32Array, rng: np.random.Generator) -> UInt8Images:
    """Varies the pen, resolution and contrast of a digit, float32 [28, 28] from 0 to 1; returns uint8 [28, 28]."""
    drawn = with_pen(image, rng.uniform(*PEN))
    pixels = int(rng.integers(FEWEST_PIXELS, 2 * SIDE - FEWEST_PIXELS))
    if pixels < SIDE:
        coarse = area_weights(SIDE, pixels)
        drawn = np.asarray(coarse @ drawn @ coarse.T, np.float32)
    seen = np.asarray(drawn / max(drawn.max(), FAINTEST), np.float32)
    if rng.random() < 1 / 2:
        seen = np.clip((seen - 0.5) * rng.uniform(1, HARDEST) + 0.5, 0, 1).astype(np.float32)
    seen[seen < FAINTEST] = 0
    return normalise(seen if seen.any() else image)


def with_pen(image: Float32Array, wider: float) -> Float32Array:
    """Widens strokes by `wider` pixels on every side; below 0, narrows them by that much on one side."""
    for share in (min(abs(wider), 1), max(abs(wider) - 1, 0)):
        image = (1 - share) * image + share * (thicker(image) if wider > 0 else thinner(image))
    return image


def thicker(image: Float32Array) -> Float32Array:
    """Widens strokes by one pixel on every side: each pixel becomes the largest of itself and its four neighbours."""
    widened = image.copy()
    for after, before in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        np.maximum(widened[after], image[before], out=widened[after])
        np.maximum(widened[before], image[after], out=widened[before])
    return widened


def thinner(image: Float32Array) -> Float32Array:
    """Narrows strokes by one pixel; lines of one pixel along rows or columns stay."""
    along, across = image.copy(), image.copy()
    np.minimum(image[:, 1:], image[:, :-1], out=along[:, 1:])
    np.minimum(image[1:], image[:-1], out=across[1:])
    return np.maximum(along, across)
