"""Lessons with the answers of a larger net."""

import numpy as np

from lessons.teaching import BELIEVED, taught
from tinydigits.augmentation import Augmentation


def test_targets_mix_the_answers_of_the_teacher_to_what_is_seen_with_the_right_ones(digits):
    images, answers = digits.images[:6], digits.labels[:6]
    asked = []

    def teacher(seen):
        asked.append(seen)
        return np.full((len(seen), 11), 1 / 11, np.float32)

    copies, targets = taught(images, answers, teacher, Augmentation(shift=2.0), 2, 0)
    assert np.array_equal(copies, np.concatenate(asked))
    assert copies.shape == (12, 28, 28)
    assert not np.array_equal(copies[:6], copies[6:])
    assert np.allclose(targets.sum(axis=1), 1)
    assert np.allclose(targets[np.arange(6), answers], BELIEVED / 11 + 1 - BELIEVED)
