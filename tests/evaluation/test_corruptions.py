from itertools import pairwise

import numpy as np
import pytest

from tinydigits.data.dataset import Dataset
from tinydigits.errors import ImageShapeError
from tinydigits.evaluation.corruptions.fifteen import CORRUPTIONS, corrupted, corruption_accuracies, plasma
from tinydigits.evaluation.corruptions.lines import corners, dotted_line, line, zigzag


@pytest.fixture(scope="module")
def digits(whole_mnist):
    return whole_mnist.test.images[:100]


@pytest.fixture(scope="module")
def bar():
    """A white rectangle, off centre, on black."""
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 6:16, 10:14] = 255
    return image


def test_there_are_the_fifteen_of_the_benchmark():
    assert len(CORRUPTIONS) == 15


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corruption_changes_images_and_is_the_same_every_time(name, digits):
    changed = corrupted(digits, name)
    assert (changed.shape, changed.dtype) == (digits.shape, np.uint8)
    assert np.mean(np.any(changed != digits, axis=(1, 2))) > 0.95
    assert np.array_equal(changed, corrupted(digits, name))


@pytest.mark.parametrize("name", sorted(set(CORRUPTIONS) - {"scale", "brightness", "stripe", "canny_edges"}))
def test_another_seed_gives_other_images_where_chance_takes_part(name, digits):
    assert not np.array_equal(corrupted(digits, name, seed=1), corrupted(digits, name, seed=2))


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_any_number_of_images_is_taken(name, digits):
    for count in (1, 65):
        assert len(corrupted(digits[:count], name)) == count


def test_scaling_keeps_the_centre_and_shrinks_the_ink(bar):
    share = corrupted(bar, "scale").sum() / bar.sum()
    assert share == pytest.approx(0.7**2, abs=0.05)


def test_translation_moves_by_three_along_both_axes(bar):
    moved = corrupted(np.repeat(bar, 50, axis=0), "translate")
    expected = {np.roll(bar[0], (down, right), (0, 1)).tobytes() for down in (-3, 3) for right in (-3, 3)}
    assert {image.tobytes() for image in moved} == expected


def test_rotation_and_shear_go_both_ways_and_keep_the_ink(bar):
    for name in ("rotate", "shear"):
        changed = corrupted(np.repeat(bar, 50, axis=0), name)
        assert len({image.tobytes() for image in changed}) == 2
        assert changed.sum(axis=(1, 2)) / bar.sum() == pytest.approx(1.0, abs=0.12)


def test_stripes_invert_seven_columns_at_either_side(bar):
    assert corrupted(bar, "stripe")[0, 0].tolist() == [255] * 7 + [0] * 14 + [255] * 7


def test_brightness_adds_half_and_saturates(bar):
    assert np.unique(corrupted(bar, "brightness")).tolist() == [128, 255]


def test_impulses_hit_a_sixth_of_all_pixels(digits):
    grey = np.full_like(digits, 100)
    changed = corrupted(grey, "impulse_noise")
    assert np.mean(changed != 100) == pytest.approx(0.17, abs=0.01)
    assert np.unique(changed).tolist() == [0, 100, 255]


def test_edges_are_an_outline_and_nothing_else(bar):
    edges = corrupted(bar, "canny_edges")[0]
    assert np.unique(edges).tolist() == [0, 255]
    assert not edges[9:13, 11:13].any()
    assert not edges[:3].any()
    assert edges[10, 8:16].any()


def test_a_line_is_full_ink_along_its_middle_and_ends_where_told():
    stroke = line((5, 10), (20, 10))
    assert stroke[10, 5:20].tolist() == [1] * 15
    assert not stroke[:, :5].any()
    assert not stroke[:, 20:].any()


def test_a_zigzag_swings_about_its_axis():
    points = corners(start=10, climb=0)
    assert points[0] == (2, 10)
    assert [row for _, row in points[1:4]] == [12, 8, 12]
    assert points[-1][0] == pytest.approx(25)


def test_a_cloud_fills_its_range():
    cloud = plasma(np.random.default_rng(0))
    assert (cloud.min(), cloud.max()) == (0, 1)


def test_accuracies_are_given_for_each_and_their_mean(few_digits):
    def darkest_is_zero(images):
        return np.eye(10, dtype=np.float32)[np.zeros(len(images), int)]

    accuracies = corruption_accuracies(darkest_is_zero, few_digits)
    assert list(accuracies) == [*CORRUPTIONS, "mean"]
    assert accuracies["mean"] == pytest.approx(np.mean(few_digits.labels == 0))


def test_images_of_another_size_are_refused():
    with pytest.raises(ImageShapeError, match="images of 8 × 8; expected 28 × 28"):
        corruption_accuracies(lambda images: images, Dataset(np.zeros((1, 8, 8), np.uint8), np.array([0])))


@pytest.mark.parametrize(
    ("name", "brightness", "change"),
    [
        ("shot_noise", 0.098, 0.042),
        ("impulse_noise", 0.183, 0.084),
        ("glass_blur", 0.118, 0.082),
        ("motion_blur", 0.119, 0.095),
        ("shear", 0.129, 0.108),
        ("scale", 0.058, 0.107),
        ("rotate", 0.119, 0.109),
        ("brightness", 0.574, 0.455),
        ("translate", 0.118, 0.177),
        ("stripe", 0.603, 0.495),
        ("spatter", 0.136, 0.034),
        ("dotted_line", 0.143, 0.024),
        ("zigzag", 0.166, 0.048),
        ("canny_edges", 0.136, 0.188),
    ],
)
def test_a_corruption_is_as_strong_as_it_was_when_its_figures_were_published(whole_mnist, name, brightness, change):
    """The mean of all pixels, 0 to 1, and how far they change; other random numbers move these by 0.003 at most."""
    images = whole_mnist.test.images[:200]
    changed = corrupted(images, name)
    assert changed.mean() / 255 == pytest.approx(brightness, abs=0.005)
    assert np.abs(changed - images.astype(float)).mean() / 255 == pytest.approx(change, abs=0.005)


def test_fog_keeps_the_brightest_value_and_veils_black(digits):
    foggy = corrupted(digits, "fog")
    assert (foggy.max(axis=(1, 2)) <= digits.max(axis=(1, 2))).all()
    assert 0.2 < foggy.mean() / 255 < 0.6
    assert 0 < np.abs(foggy.mean(axis=(1, 2)) - foggy.mean()).mean() < 80


def test_a_cloud_has_no_seam():
    """Its edges meet, and neighbours differ little beside the whole range."""
    cloud = plasma(np.random.default_rng(0))
    for axis in (0, 1):
        steps = np.abs(np.diff(np.concatenate([cloud, cloud.take([0], axis)], axis), axis=axis))
        assert steps.mean() < 0.012
        assert steps.max() < 0.1
        assert steps.take(-1, axis).mean() < 2 * steps.mean()


def test_a_zigzag_ends_where_it_should_however_steep_it_is():
    for climb in (-5, 4):
        points = corners(start=10, climb=climb)
        assert points[0] == (2, 10)
        assert all(left[0] < right[0] for left, right in pairwise(points))
        assert points[-1][0] == pytest.approx(25, abs=1)
        assert np.interp(12, *zip(*points, strict=True)) == pytest.approx(10 + climb * 10 / 23, abs=2.5)


def test_a_line_follows_its_slope_and_one_without_width_is_nothing():
    stroke = line((0, 4), (28, 18))
    assert stroke.argmax(axis=0)[[0, 10, 20]].tolist() == [4, 9, 14]
    assert (stroke.max(axis=0) > 0.7).all()
    assert 0 < stroke[10, 10] < 1
    assert not line((5, 0), (5, 27)).any()


def test_a_dotted_line_draws_two_columns_and_leaves_two_out_up_to_the_last_but_one():
    drawn = dotted_line(np.zeros((50, 28, 28)), np.random.default_rng(0))
    assert np.nonzero(drawn.any(axis=(0, 1)))[0].tolist() == [2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26]


@pytest.mark.parametrize(
    ("climb", "points"),
    [
        (0, [(2, 10), (4, 12), (8, 8), (12, 12), (16, 8), (20, 12), (24, 8), (25, 9.67)]),
        (4, [(2, 10), (3.63, 12.31), (8.25, 9.06), (11.51, 13.68), (16.14, 10.43), (19.39, 15.05), (24.02, 11.8)]),
    ],
)
def test_a_zigzag_has_the_corners_of_the_benchmark(climb, points):
    found = corners(start=10, climb=climb)
    assert np.allclose(found[: len(points)], points, atol=0.01)
    assert len(found) == 8


def test_a_zigzag_starts_at_any_row_but_the_last_and_climbs_by_five_at_most():
    asked = []

    class Chance:
        def integers(self, low, high, count):
            asked.append((low, high))
            return np.zeros(count, int)

    zigzag(np.zeros((3, 28, 28)), Chance())
    assert asked == [(0, 27), (-5, 5)]


def test_the_edges_of_a_white_page_lie_on_the_line_next_to_its_border():
    edges = corrupted(np.full((1, 28, 28), 255, np.uint8), "canny_edges")[0] > 0
    expected = np.zeros((28, 28), bool)
    expected[[1, 26], 1:-1] = expected[1:-1, [1, 26]] = True
    assert np.array_equal(edges, expected)


@pytest.mark.parametrize(("shade", "has_edges"), [(3, False), (4, False), (5, True), (100, True)])
def test_an_edge_is_one_where_its_slope_is_strong_somewhere(shade, has_edges, bar):
    # Sobel's slope of the smoothed bar is 10.25 · its brightness, 0 to 1: 0.16 of shade 4, and 0.201 of shade 5.
    assert corrupted(np.minimum(bar, shade), "canny_edges").any() == has_edges


def test_spatter_is_dark_grey_and_covers_an_eighth_of_a_page():
    spots = corrupted(np.zeros((200, 28, 28), np.uint8), "spatter")
    assert np.mean(spots > 0) == pytest.approx(0.134, abs=0.01)
    assert (spots.max(), spots[spots > 0].min()) == (63, 50)  # 63 · 0.8 = 50.4, where the mask ends
