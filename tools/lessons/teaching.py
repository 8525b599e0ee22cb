"""Lessons whose answers are those of a larger net (Hinton, Vinyals and Dean 2015)."""

import numpy as np

from lessons.nets import CLASSES
from tinydigits.arrays import Float32Array, Int64Array, Predict, UInt8Images
from tinydigits.augmentation import Augmentation
from tinydigits.engine.runtime.augment import augmented

# Share of the larger net's answer; the rest is the lesson's own.
BELIEVED = 0.7


def taught(
    images: UInt8Images, answers: Int64Array, teacher: Predict, varied: Augmentation, copies: int, seed: int
) -> tuple[UInt8Images, Float32Array]:
    """Returns varied copies of all images, uint8 [copies · n, 28, 28], and probabilities, [copies · n, CLASSES].

    The teacher sees what its pupil sees: an answer to the image before it was varied is worth less (Beyer et al. 2022).
    """
    own = np.eye(CLASSES, dtype=np.float32)[answers]
    seen = [augmented(images, seed, copy, varied, varied.strength(copy, copies)) for copy in range(copies)]
    targets = [BELIEVED * teacher(each) + (1 - BELIEVED) * own for each in seen]
    return np.concatenate(seen), np.concatenate(targets).astype(np.float32)
