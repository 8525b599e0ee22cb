"""Fits a model's temperature and not-a-digit score after training; the model's file stores both.

Real strokes are thinner or thicker than MNIST's, and real pictures are softer or sharper. A score that is fitted to
MNIST alone rejects half of all screen-drawn digits. So it is fitted to MNIST's digits and to variations of them.
"""

from dataclasses import replace

import numpy as np
from scipy import ndimage

from tinydigits.arrays import AnyFloats, Float32Array, Int64Array, Predict, UInt8Images
from tinydigits.data.dataset import CLASSES, Dataset, scaled
from tinydigits.reader.confidence import LEAST_PROBABILITY, NotADigit, measures, short, tempered
from tinydigits.reader.normalise import SIDE, area_weights, normalise

# Share of validation digits that the threshold rejects by mistake. A test set may lose up to 1 %.
REJECTED_SHARE = 0.005
# Number of digits to vary. More cost time and do not change the 18 means and their covariance noticeably.
MOST_VARIED = 20_000
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

# Structuring element: a pixel and its four neighbours.
CROSS = ndimage.generate_binary_structure(2, 1)


def negative_log_likelihood(probabilities: AnyFloats, labels: Int64Array) -> float:
    """Returns the mean negative log-likelihood of `labels`, in nats."""
    chosen = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chosen, LEAST_PROBABILITY)).mean())


def fit_temperature(probabilities: AnyFloats, labels: Int64Array) -> float:
    """Returns the temperature with the smallest negative log-likelihood of `labels` [n], by Brent's method."""
    from scipy.optimize import minimize_scalar

    def loss(logarithm: float) -> float:
        return negative_log_likelihood(tempered(probabilities, float(np.exp(logarithm))), labels)

    found = minimize_scalar(loss, bounds=np.log(TEMPERATURES), method="bounded", options={"xatol": 1e-8})
    return short(float(np.exp(found.x)))


def fit_not_a_digit(predict: Predict, train: Dataset, validation: Dataset) -> NotADigit:
    """Fits the not-a-digit score: means and covariance on training digits, the threshold on validation digits.

    Both sets are extended by variations of their digits.
    """
    train, validation = (with_varied(part[:MOST_VARIED], np.random.default_rng(SEED)) for part in (train, validation))
    values = measures(train.images, predict(train.images))
    means = np.stack([values[train.labels == digit].mean(axis=0) for digit in range(CLASSES)])
    # Log-probabilities that never vary make the covariance singular, so this is the pseudo-inverse.
    precision = np.linalg.pinv(np.cov((values - means[train.labels]).T), hermitian=True)
    score = NotADigit(means, precision, np.inf)
    scores = score.scores(validation.images, predict(validation.images))
    return replace(score, threshold=short(float(np.quantile(scores, 1 - REJECTED_SHARE))))


def with_varied(digits: Dataset, rng: np.random.Generator) -> Dataset:
    """Returns the digits, followed by one variation of each."""
    images = np.stack([varied(image, rng) for image in scaled(digits.images)])
    return Dataset(np.concatenate((digits.images, images)), np.tile(digits.labels, 2), digits.name)


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
    """Widens strokes by one pixel on every side."""
    return np.asarray(ndimage.maximum_filter(image, footprint=CROSS))


def thinner(image: Float32Array) -> Float32Array:
    """Narrows strokes by one pixel; lines of one pixel along rows or columns stay."""
    along, across = (ndimage.minimum_filter(image, size=size) for size in ((1, 2), (2, 1)))
    return np.asarray(np.maximum(along, across))
