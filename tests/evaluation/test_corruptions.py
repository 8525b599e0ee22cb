import numpy as np
import pytest

from tinydigits.data.dataset import Dataset
from tinydigits.errors import ImageShapeError
from tinydigits.evaluation.corruptions.fifteen import CORRUPTIONS, corrupted, corruption_accuracies, plasma
from tinydigits.evaluation.corruptions.lines import corners, line


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
