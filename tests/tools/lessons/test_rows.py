"""Made-up rows of digits."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from lessons import rows
from lessons.paper import widened
from lessons.rows import SIGN, Canvas, add_digit, any_hand, drawn_row, framed


def test_the_same_seed_draws_the_same_row(digits):
    first, again, other = (drawn_row(digits, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert first.picture.tobytes() == again.picture.tobytes()
    assert np.array_equal(first.owner, again.owner)
    assert first.picture.tobytes() != other.picture.tobytes()


@pytest.mark.parametrize("seed", range(20))
def test_each_pixel_of_the_picture_has_an_owner_that_the_row_knows(seed, digits):
    row = drawn_row(digits, np.random.default_rng(seed))
    assert row.owner.shape == row.picture.size[::-1]
    assert 1 <= len(row.digits) <= 8
    assert set(np.unique(row.owner).tolist()) <= {SIGN, *range(len(row.digits) + 1)}


@pytest.mark.parametrize("seed", range(20))
def test_owners_cover_the_ink(seed, digits, monkeypatch):
    """Nearly all ink is owned, and every digit owns some; on even paper, where ink is easily told."""
    seen = {}
    monkeypatch.setattr(rows, "join", lambda *_: None)
    monkeypatch.setattr(rows, "photographed", lambda ink, owner, rng: (seen.setdefault("ink", ink), owner))
    row = drawn_row(digits, np.random.default_rng(seed))
    dark = seen["ink"] > 0.3
    assert dark.sum() > 50
    assert np.mean(row.owner[dark] != 0) > 0.99
    assert all((row.owner == k + 1).any() for k in range(len(row.digits)))


def test_a_digit_owns_pixels_around_its_own_lines_alone(digits):
    rng = np.random.default_rng(0)
    canvas = Canvas(np.full((120, 300), 12.75, np.float32), np.zeros((120, 300), np.int8))
    add_digit(canvas, digits, any_hand(rng), False, rng)
    edge = int(canvas.left)
    assert (canvas.owner[:, :edge] == 1).any()
    assert not canvas.owner[:, edge + 20 :].any()


def marks_of_two_zeros(digits, chains, seed):
    """Draws a 0 after a 0 that is not drawn, and another; returns into how many marks their lines fall."""
    rng = np.random.default_rng(seed)
    hand = replace(any_hand(rng), gap=20.0, joins=0.0, chains=chains, zeros=1.0)
    canvas = Canvas(np.full((120, 300), 12.75, np.float32), np.zeros((120, 300), np.int8))
    canvas.digits.append(0)
    canvas.last = (40, 14, 40, 0)
    for _ in range(2):
        add_digit(canvas, digits, hand, True, rng)
    assert canvas.digits == [0, 0, 0]
    return ndimage.label(canvas.distances < 3)[1]


def test_zeros_after_each_other_are_one_stroke_in_hands_that_chain_them(digits):
    chained, apart = ([marks_of_two_zeros(digits, chains, seed) for seed in range(20)] for chains in (1.0, 0.0))
    assert np.mean(np.array(chained) == 1) >= 0.8
    assert min(apart) >= 2


def test_a_frame_is_a_sign_and_leaves_the_digits_theirs():
    ink, owner = np.zeros((40, 30), np.float32), np.zeros((40, 30), np.int8)
    owner[10:30, 10:20] = 1
    around, owners = framed(ink, owner, np.random.default_rng(2))
    assert around.max() >= 0.4
    assert (owners[around > 0] == SIGN).all()
    assert (owners == 1).sum() == 200


def test_pixels_that_blurred_ink_reaches_belong_to_the_digit_beside_them():
    owner = np.zeros((9, 9), np.int8)
    owner[4, 2], owner[4, 7] = 1, SIGN
    found = widened(owner)
    assert found[3:6, 1:4].tolist() == [[1, 1, 1]] * 3
    assert found[4, 6] == SIGN
    assert not found[0].any()
