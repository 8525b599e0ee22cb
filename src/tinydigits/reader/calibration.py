"""What is fitted to a model after its training, and kept in its file: temperature, and a score that says no.

Real pens are thinner and thicker than MNIST's, real pictures softer and harder: a score fitted to MNIST alone takes
half of all screen-drawn digits for none. So it is fitted to digits as they are and to varied ones.
"""

from dataclasses import replace

import numpy as np
from scipy import ndimage

from tinydigits.arrays import AnyFloats, Float32Array, Int64Array, Predict, UInt8Images
from tinydigits.data.dataset import CLASSES, Dataset, scaled
from tinydigits.reader.confidence import LEAST_PROBABILITY, NotADigit, measures, short, tempered
from tinydigits.reader.normalise import SIDE, area_weights, normalise

# The share of validation digits that the threshold lets go; a test set then loses less than the 1 % that is allowed.
REJECTED_SHARE = 0.005
# Varying 20,000 training digits takes seconds, and 8 + 10 means and their covariance need no more.
MOST_VARIED = 20_000
SEED = 0
# Strokes lose up to 1.3 pixels of width on one side, or gain up to 0.6 on every side;
PEN = (-1.3, 0.6)
# half of the pictures are seen at fewer pixels, at least this many a side,
FEWEST_PIXELS = 15
# half with harder edges, up to this contrast about the middle grey.
HARDEST = 4.0
# What is left below this is no ink.
FAINTEST = 0.05

TEMPERATURES = (0.05, 20.0)
# Each step keeps this much of the bracket: Kiefer 1953, "Sequential minimax search for a maximum".
GOLDEN = (5**0.5 - 1) / 2
GOLDEN_STEPS = 40

CROSS = ndimage.generate_binary_structure(2, 1)


def negative_log_likelihood(probabilities: AnyFloats, labels: Int64Array) -> float:
    """Mean over images, in nats."""
    chosen = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chosen, LEAST_PROBABILITY)).mean())


def fit_temperature(probabilities: AnyFloats, labels: Int64Array) -> float:
    """The temperature that makes `labels` [n] likeliest, found by golden-section search."""

    def loss(logarithm: float) -> float:
        return negative_log_likelihood(tempered(probabilities, float(np.exp(logarithm))), labels)

    low, high = np.log(TEMPERATURES)
    for _ in range(GOLDEN_STEPS):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        low, high = (low, right) if loss(left) < loss(right) else (left, high)
    return short(float(np.exp((low + high) / 2)))


def fit_not_a_digit(predict: Predict, train: Dataset, validation: Dataset) -> NotADigit:
    """Means and covariance from training digits, the threshold from validation digits; varied ones among both."""
    train, validation = (with_varied(part[:MOST_VARIED], np.random.default_rng(SEED)) for part in (train, validation))
    values = measures(train.images, predict(train.images))
    means = np.stack([values[train.labels == digit].mean(axis=0) for digit in range(CLASSES)])
    # The pseudo-inverse: log-probabilities that never vary would make the covariance singular.
    precision = np.linalg.pinv(np.cov((values - means[train.labels]).T), hermitian=True)
    score = NotADigit(means, precision, np.inf)
    scores = score.scores(validation.images, predict(validation.images))
    return replace(score, threshold=short(float(np.quantile(scores, 1 - REJECTED_SHARE))))


def with_varied(digits: Dataset, rng: np.random.Generator) -> Dataset:
    """The digits, and after them each once more with another pen and in another light."""
    images = np.stack([varied(image, rng) for image in scaled(digits.images)])
    return Dataset(np.concatenate((digits.images, images)), np.tile(digits.labels, 2), digits.name)


def varied(image: Float32Array, rng: np.random.Generator) -> UInt8Images:
    """One digit, float32 [28, 28] from 0 to 1, drawn and seen otherwise: uint8 [28, 28]."""
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
    """Strokes `wider` pixels wider on every side, or, below 0, narrower on one: a part of a pixel at a time."""
    for share in (min(abs(wider), 1), max(abs(wider) - 1, 0)):
        image = (1 - share) * image + share * (thicker(image) if wider > 0 else thinner(image))
    return image


def thicker(image: Float32Array) -> Float32Array:
    return np.asarray(ndimage.maximum_filter(image, footprint=CROSS))


def thinner(image: Float32Array) -> Float32Array:
    """Less by one pixel across, yet lines of one pixel along rows or columns stay."""
    along, across = (ndimage.minimum_filter(image, size=size) for size in ((1, 2), (2, 1)))
    return np.asarray(np.maximum(along, across))
