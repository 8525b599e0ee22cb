"""The NumPy twin by itself; `tests/engine/runtime/test_augment.py` holds it against the machine code."""

import hashlib

import numpy as np
import pytest

from tinydigits.augmentation.reference import AT_ONCE, augmented
from tinydigits.augmentation.settings import AFFINE, LIMITS, PHOTOGRAPHED, Augmentation

# All kinds of change together, as strong as they may be.
EVERYTHING = Augmentation(
    **{name: limit for name, limit in LIMITS.items() if name not in ("shift", "cut")}, shift=9, cut=5
)


def images_of(shape, count=20):
    """Images without two equal neighbours, the same with any version of NumPy."""
    return (np.arange(count * int(np.prod(shape))) * 97 % 251).astype(np.uint8).reshape(count, *shape)


@pytest.mark.parametrize(
    ("shape", "settings", "recorded"),
    [
        ((28, 28), AFFINE, "a7c139793969b1ce"),
        ((28, 28), PHOTOGRAPHED, "24d6e43e73052245"),
        ((28, 28), EVERYTHING, "b0b47a7e2148338a"),
        ((9, 2), EVERYTHING, "0346c344832add2e"),
        ((13, 17, 3), EVERYTHING, "d1e03af56a65c7c2"),
    ],
)
def test_a_seed_makes_the_pictures_that_it_always_made(shape, settings, recorded):
    """Published figures are of trainings on these pictures."""
    made = augmented(images_of(shape), 7, 11, settings)
    assert hashlib.sha256(made.tobytes()).hexdigest()[:16] == recorded


def test_an_image_is_varied_by_its_number_alone_not_by_its_place_in_a_batch():
    images = images_of((6, 5), count=AT_ONCE + 20)
    whole = augmented(images, 1, 2, EVERYTHING)
    which = np.array([AT_ONCE + 3, 0, AT_ONCE, 0])
    np.testing.assert_array_equal(augmented(images, 1, 2, EVERYTHING, which=which), whole[which])


def test_without_strength_or_settings_no_bit_changes():
    images = images_of((7, 5, 1))
    np.testing.assert_array_equal(augmented(images, 1, 2, Augmentation()), images)
    np.testing.assert_array_equal(augmented(images, 1, 2, AFFINE, strength=0.0), images)


def test_full_strength_is_what_is_meant_where_none_is_said():
    images = images_of((7, 5))
    np.testing.assert_array_equal(augmented(images, 1, 2, AFFINE), augmented(images, 1, 2, AFFINE, strength=1.0))
