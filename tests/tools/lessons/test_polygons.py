"""Digits as a coarse pen records them."""

import numpy as np
import pytest

from lessons.polygons import coarse_lines, paths_of


def test_paths_go_through_nearly_all_pixels_of_a_skeleton(digits):
    for stored in digits.stored[:20]:
        bones = stored == 0
        passed = {tuple(pixel) for path in paths_of(bones) for pixel in path.tolist()}
        assert len(passed) > 0.8 * bones.sum()
        assert all(bones[pixel] for pixel in passed)


def test_a_ring_is_one_closed_path():
    ring = np.zeros((20, 20), np.bool_)
    ring[3:17, 3] = ring[3:17, 16] = ring[3, 3:17] = ring[16, 3:17] = True
    (path,) = paths_of(ring)
    assert np.abs(path[0] - path[-1]).max() <= 1
    assert {tuple(pixel) for pixel in path.tolist()} >= {(3, 3), (3, 16), (16, 3), (10, 16)}


def test_a_path_goes_straight_on_over_a_crossing():
    cross = np.zeros((11, 11), np.bool_)
    cross[5, :] = cross[:, 5] = True
    first, *_ = paths_of(cross)
    assert first[0].tolist() == [0, 5]
    assert first[-1].tolist() == [10, 5]


@pytest.mark.parametrize("seed", range(5))
def test_a_coarse_digit_has_few_points_and_the_height_of_the_digit(digits, seed):
    lines = coarse_lines(digits.stored[seed] == 0, np.random.default_rng(seed))
    points = np.concatenate(lines)
    assert 2 <= len(points) <= 15 + 2 * len(lines)
    assert np.ptp(points[:, 0]) <= 1
