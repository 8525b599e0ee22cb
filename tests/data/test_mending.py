import itertools

import numpy as np
import pytest

from tinydigits.data.mending import Mend, has_bright_border

MENDS = [Mend(transpose, invert) for transpose in (False, True) for invert in (False, True)]
IMAGES = np.random.default_rng(0).integers(0, 256, (3, 5, 5), dtype=np.uint8)


def test_images_need_no_change_unless_one_is_named():
    assert not Mend()
    assert [bool(mend) for mend in MENDS] == [False, True, True, True]


@pytest.mark.parametrize("images", [IMAGES, IMAGES[..., None].repeat(3, axis=3)])
def test_rows_become_columns_and_black_white(images):
    assert np.array_equal(Mend()(images), images)
    assert np.array_equal(Mend(transpose=True)(images)[:, 1, 4], images[:, 4, 1])
    assert np.array_equal(Mend(invert=True)(images), 255 - images)
    assert Mend(transpose=True, invert=True)(images).flags.c_contiguous


@pytest.mark.parametrize(("one", "other"), list(itertools.product(MENDS, MENDS)))
def test_two_changes_come_to_what_one_after_the_other_does(one, other):
    assert np.array_equal((one ^ other)(IMAGES), other(one(IMAGES)))


@pytest.mark.parametrize("side", [(0, slice(1, -1)), (-1, slice(1, -1)), (slice(1, -1), 0), (slice(1, -1), -1)])
def test_each_border_counts_as_much_as_the_others_however_long_it_is(side):
    images = np.full((2, 20, 30), 127, np.uint8)
    assert not has_bright_border(images)
    images[:, *side] = 130  # with corners left out, 127 + 3 · 18/20 / 4 = 127.7, or more, on average
    assert has_bright_border(images)


def test_a_border_is_bright_above_half():
    images = np.full((1, 4, 4), 127, np.uint8)
    images[:, :, ::2] += 1
    assert not has_bright_border(images)  # 127.5 on average
    images[:, 0] += 1
    assert has_bright_border(images)


def test_what_is_inside_does_not_count():
    images = np.zeros((1, 28, 28), np.uint8)
    images[:, 1:-1, 1:-1] = 255
    assert not has_bright_border(images)
    assert has_bright_border(255 - images)
