"""What augmentation does to images; the amounts that chance decides are read from the NumPy twin, its equal."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from tinydigits.augmentation import reference as twin
from tinydigits.augmentation.settings import AFFINE, LIMITS, ONE, PHOTOGRAPHED, Augmentation
from tinydigits.data.dataset import mnist_test
from tinydigits.engine.runtime.augment import augmented
from tinydigits.errors import DataError, RecipeError, UnsupportedError

SHAPES = [(1, 1), (1, 6, 3), (9, 2), (28, 28), (13, 17, 1), (31, 29, 3)]
EVERYTHING = Augmentation(
    **{name: limit for name, limit in LIMITS.items() if name not in ("shift", "cut")}, shift=9, cut=5
)


@pytest.fixture(scope="module")
def digits():
    return mnist_test().images[:200]


def noise(shape, count=20):
    return np.random.default_rng(0).integers(0, 256, (count, *shape)).astype(np.uint8)


def draws_of(images, seed=0, epoch=0):
    return twin.Draws(twin.keys_of(seed, epoch, np.arange(len(images))))


def fractions(amounts):
    """Drawn amounts as floats, one an image."""
    return amounts.ravel() / ONE


varied = st.builds(
    Augmentation,
    **{name: st.one_of(st.just(0), st.floats(0, limit)) for name, limit in LIMITS.items() if name != "gentle_strength"},
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SHAPES), varied, st.integers(0, 2**32), st.integers(0, 2**40), st.floats(0, 1))
def test_machine_code_and_numpy_make_the_same_pictures(shape, augmentation, seed, epoch, strength):
    images = noise(shape)
    which = np.array([3, 0, 0, 19, 7])
    made = augmented(images, seed, epoch, augmentation, strength, which)
    assert (made.dtype, made.shape) == (np.uint8, (5, *shape))
    np.testing.assert_array_equal(made, twin.augmented(images, seed, epoch, augmentation, strength, which))


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_off_changes_no_bit(shape):
    np.testing.assert_array_equal(augmented(noise(shape), 1, 2, Augmentation()), noise(shape))
    np.testing.assert_array_equal(augmented(noise(shape), 1, 2, AFFINE, strength=0.0), noise(shape))


def test_threads_slices_and_order_change_no_bit(digits):
    whole = augmented(digits, 1, 2, PHOTOGRAPHED, threads=1)
    np.testing.assert_array_equal(augmented(digits, 1, 2, PHOTOGRAPHED, threads=3), whole)
    backwards = np.arange(len(digits))[::-1]
    np.testing.assert_array_equal(augmented(digits, 1, 2, PHOTOGRAPHED, which=backwards), whole[::-1])
    np.testing.assert_array_equal(augmented(digits, 1, 2, PHOTOGRAPHED, which=backwards[:7]), whole[::-1][:7])


def test_seed_epoch_and_number_of_the_image_each_give_another_picture(digits):
    same = np.repeat(digits[:1], 3, axis=0)
    first, second, third = augmented(same, 1, 2, AFFINE)
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, third)
    for seed, epoch in ((2, 2), (1, 3)):
        assert not np.array_equal(augmented(same, seed, epoch, AFFINE)[0], first)


def test_no_kind_changes_what_another_draws(digits):
    alone = augmented(digits, 0, 0, Augmentation(shift=5))
    lined = augmented(digits, 0, 0, Augmentation(shift=5, line_chance=0.5))
    np.testing.assert_array_equal(lined[:, 4:-4, 4:-4], alone[:, 4:-4, 4:-4])
    assert (lined >= alone).all()
    assert (lined > alone).any(axis=(1, 2)).mean() > 0.8


def test_a_shift_is_scipys(digits):
    made = augmented(digits, 0, 0, Augmentation(shift=6.0))
    x, y = (fractions(draws_of(digits).either_way(6 * ONE, twin.SHIFT + axis)) for axis in (0, 1))
    assert np.abs(x).max() > 5
    for image, picture, right, down in zip(digits, made, x, y, strict=True):
        expected = ndimage.shift(image.astype(float), (-down, -right), order=1, mode="grid-constant")
        assert np.abs(picture - expected).max() <= 1


def test_an_affine_map_is_the_formula_in_floats(digits):
    """x = (c · j + (s + h) · i) / sx + tx, y = (-s · j + c · i) / sy + ty, all about the centre 13.5."""
    wide = Augmentation(rotation=3.0, scale=0.4, shear=0.5, shift=3.0)
    draws, a = draws_of(digits), wide.amplitudes()
    angle, h = fractions(draws.either_way(a.rotation, twin.ROTATION)), fractions(draws.either_way(a.shear, twin.SHEAR))
    sx, sy = (1 + fractions(draws.either_way(a.scale, twin.SCALE + axis)) for axis in (0, 1))
    tx, ty = (fractions(draws.either_way(a.shift, twin.SHIFT + axis)) for axis in (0, 1))
    c, s = np.cos(angle), np.sin(angle)
    made = augmented(digits, 0, 0, wide)
    for n, (image, picture) in enumerate(zip(digits, made, strict=True)):
        matrix = np.array([[c[n] / sy[n], -s[n] / sy[n]], [(s[n] + h[n]) / sx[n], c[n] / sx[n]]])
        offset = 13.5 - matrix @ [13.5, 13.5] + [ty[n], tx[n]]
        expected = ndimage.affine_transform(image.astype(float), matrix, offset, order=1, mode="grid-constant")
        assert np.abs(picture - expected).max() <= 1


def test_an_elastic_warp_moves_pixels_smoothly_and_no_farther_than_its_amplitude():
    ramp = np.broadcast_to(np.arange(24, dtype=np.uint8) * 8 + 30, (50, 24, 24))
    made = augmented(ramp, 0, 0, Augmentation(elastic=3.0))[:, 5:-5, 5:-5].astype(float)
    moved = (made - ramp[:, 5:-5, 5:-5]) / 8
    assert 1 < np.abs(moved).max() <= 3.1
    assert abs(moved.mean()) < 0.2
    assert np.abs(np.diff(moved, axis=1)).max() < 1
    assert moved.std(axis=(1, 2)).min() > 0.05  # no mere shift


def test_strokes_become_thicker_or_thinner_as_drawn(digits):
    made = augmented(digits, 0, 0, Augmentation(stroke=1.0)).astype(int)
    amount = fractions(draws_of(digits).either_way(ONE, twin.STROKE))
    thicker, thinner = amount > 0.02, amount < -0.02
    assert (made[thicker] >= digits[thicker]).all()
    assert (made[thinner] <= digits[thinner]).all()
    change = (made - digits).sum(axis=(1, 2))
    assert np.corrcoef(change, amount)[0, 1] > 0.9
    dilated = ndimage.grey_dilation(digits[amount > 0.99], footprint=ndimage.generate_binary_structure(3, 1)[1][None])
    np.testing.assert_allclose(made[amount > 0.99], dilated, atol=3)


def test_blur_softens_edges_and_leaves_a_flat_picture(digits):
    flat = np.full_like(digits, 200)
    np.testing.assert_array_equal(augmented(flat, 0, 0, Augmentation(blur=1.0)), flat)
    made = augmented(digits, 0, 0, Augmentation(blur=1.0)).astype(float)
    amount = fractions(draws_of(digits).up_to(ONE, twin.BLUR))[:, None, None]
    kernel = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1])[None] / 256
    expected = digits + amount * (ndimage.convolve(digits.astype(float), kernel, mode="nearest") - digits)
    assert np.abs(made - expected).max() <= 3


def test_contrast_keeps_black_and_the_order_of_grey_levels():
    ramp = np.broadcast_to(np.arange(256, dtype=np.uint8), (100, 1, 256))
    made = augmented(ramp, 0, 0, Augmentation(contrast=0.6)).astype(int)
    assert (made[..., 0] == 0).all()
    assert (np.diff(made) >= 0).all()
    assert made[..., -1].min() < 0.5 * 255  # paler, at most 0.4 of full ink
    assert made[..., -1].min() >= 0.39 * 255
    assert (made[..., -1] == 255).any()


def test_a_background_lifts_black_and_leaves_white():
    ramp = np.broadcast_to(np.arange(256, dtype=np.uint8), (100, 1, 256))
    made = augmented(ramp, 0, 0, Augmentation(background=0.2)).astype(int)
    assert (made[..., -1] == 255).all()
    assert (np.diff(made) >= 0).all()
    assert (made[..., 0].min(), made[..., 0].max()) == (pytest.approx(0, abs=3), pytest.approx(0.2 * 255, abs=3))


def test_grain_is_noise_of_each_pixel_by_itself_of_the_spread_that_is_drawn():
    grey = np.full((300, 28, 28), 128, np.uint8)
    made = augmented(grey, 0, 0, Augmentation(grain=0.4)).astype(float) - 128
    amount = fractions(draws_of(grey).up_to(round(0.4 * ONE), twin.GRAIN))
    np.testing.assert_allclose(made.std(axis=(1, 2)), 255 * amount * np.sqrt(1 / 6), rtol=0.1, atol=0.5)
    assert np.abs(made.mean(axis=(1, 2))).max() < 5
    noisy = made[amount > 0.2].reshape(-1, 28, 28)
    for shifted in (noisy[:, 1:] * noisy[:, :-1], noisy[:, :, 1:] * noisy[:, :, :-1], noisy[1:] * noisy[:-1]):
        assert abs(shifted.mean()) < 0.01 * noisy.var()


def test_a_cut_blanks_one_side_up_to_its_depth():
    white = np.full((400, 12, 10), 255, np.uint8)
    made = augmented(white, 0, 0, Augmentation(cut=3, cut_chance=0.5))
    counts = {"whole": 0}
    for picture in made:
        rows, columns = np.flatnonzero((picture == 0).all(axis=1)), np.flatnonzero((picture == 0).all(axis=0))
        blank = np.zeros_like(picture, dtype=bool)
        blank[rows], blank[:, columns] = True, True
        np.testing.assert_array_equal(picture == 0, blank)
        assert min(len(rows), len(columns)) == 0
        assert max(len(rows), len(columns)) <= 3
        side = "whole" if not blank.any() else (len(rows) > 0, bool(blank[0, 0]))
        counts[side] = counts.get(side, 0) + 1
    assert len(counts) == 5
    assert 150 < counts["whole"] < 250


def test_lines_lie_near_the_edges_and_are_one_or_two_pixels_thick():
    black = np.zeros((400, 20, 16), np.uint8)
    made = augmented(black, 0, 0, Augmentation(line_chance=0.25))
    assert not made[:, 4:-4, 4:-4].any()
    assert (made == 0).all(axis=(1, 2)).mean() == pytest.approx(0.75**4, abs=0.08)
    rows = (made[:, :, 8] > 0)[:, :10].sum(axis=1)
    assert set(rows) == {0, 1, 2}
    assert 0.2 < (rows > 0).mean() < 0.3
    ink = made[made > 0]
    assert (ink.min(), ink.max()) == (pytest.approx(64, abs=4), pytest.approx(255, abs=4))


def test_channels_move_together():
    grey = noise((28, 28))
    coloured = np.stack([grey, grey, 255 - grey], axis=-1)
    made = augmented(coloured, 0, 0, Augmentation(rotation=0.3, elastic=2.0))
    np.testing.assert_array_equal(made[..., 0], augmented(grey, 0, 0, Augmentation(rotation=0.3, elastic=2.0)))
    np.testing.assert_array_equal(made[..., 0], made[..., 1])
    assert np.abs(made[:, 10:18, 10:18, 0].astype(int) + made[:, 10:18, 10:18, 2] - 255).max() <= 1


def test_harsh_pictures_keep_most_of_their_ink(digits):
    made = augmented(digits, 0, 0, PHOTOGRAPHED).astype(float)
    contrast = np.quantile(made, 0.97, axis=(1, 2)) - np.quantile(made, 0.4, axis=(1, 2))
    assert np.quantile(contrast, 0.01) > 40


@pytest.mark.parametrize("which", [[0, 20], [-1]])
def test_an_image_that_is_not_there_is_refused(which):
    with pytest.raises(RecipeError, match=r"image number (20|-1); expected 0 to 19"):
        augmented(noise((9, 2)), 0, 0, AFFINE, which=np.array(which))


def test_floats_and_posters_are_refused():
    with pytest.raises(DataError, match="float64"):
        augmented(noise((9, 2)) / 255, 0, 0, AFFINE)
    with pytest.raises(UnsupportedError, match="at most 256 rows"):
        augmented(np.zeros((1, 257, 3), np.uint8), 0, 0, AFFINE)
