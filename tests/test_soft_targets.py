import numpy as np
import pytest

from tinydigits.augmentation import AFFINE, Augmentation
from tinydigits.errors import RecipeError, UnequalCountsError
from tinydigits.soft_targets import SoftTargets, View, Views

GENTLE = Augmentation(rotation=0.2, gentle_epochs=2, gentle_strength=0.25)


def test_epochs_take_views_in_turn_and_gentle_epochs_have_their_own():
    views = Views(GENTLE, count=3)
    assert [views.at(epoch, 7) for epoch in range(7)] == [
        *(View(key, 1.0) for key in (0, 1, 2, 0, 1)),
        *(View(key, 0.25) for key in (3, 4)),
    ]


def test_a_training_needs_each_view_once():
    assert [view.key for view in Views(GENTLE, count=3).needed(9)] == [0, 1, 2, 3, 4]


def test_a_training_shorter_than_the_gentle_end_is_gentle_throughout():
    assert Views(GENTLE, count=3).needed(1) == [View(3, 0.25)]


def test_views_that_are_none_are_refused():
    with pytest.raises(RecipeError, match="1 or more"):
        Views(AFFINE, count=0)


def test_what_was_rounded_sums_to_1_again():
    views = Views(Augmentation(), count=1)
    third = np.full((4, 3), 1 / 3, np.float16)
    view, targets = SoftTargets(views, {View(0, 1.0): third}).at(0, 1)
    assert view == View(0, 1.0)
    assert targets.dtype == np.float32
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-6)
    assert not np.allclose(third.astype(np.float64).sum(axis=1), 1, atol=1e-6)


def test_answers_to_other_images_are_refused():
    soft = SoftTargets(Views(AFFINE, 1), {View(0, 1.0): np.zeros((5, 10), np.float16)})
    soft.check((5, 10))
    with pytest.raises(UnequalCountsError, match=r"\[5, 10\]; expected \[6, 10\]"):
        soft.check((6, 10))
