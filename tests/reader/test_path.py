"""The best path through a row, found by hand on small lattices."""

from dataclasses import replace

import numpy as np
import pytest

from tinydigits.reader.lattice import Lattice
from tinydigits.reader.path import Prices, best_path, left_out
from tinydigits.reader.pieces import Piece

PRICES = Prices(unread=2.0, low=16.0, wide=0.0, cut=0.5)


def lattice(spans, lengths, heights=None):
    """Candidates of equal size over pieces of a pixel each; they are as wide as high."""
    count = len(spans)
    pieces = [Piece(number, np.array([0]), np.array([number])) for number in range(len(lengths))]
    high = np.array(heights or [40] * count)
    boxes = np.column_stack((np.zeros(count), np.zeros(count), high, high)).astype(np.int64)
    ends = np.zeros(count, np.int64)
    images = np.zeros((count, 28, 28), np.uint8)
    return Lattice(
        pieces,
        np.array(spans),
        boxes,
        images,
        ends,
        40.0,
        np.ones(count),
        np.zeros(count),
        np.array(lengths, np.float64),
    )


def seen(*answers):
    """Log-probabilities of candidates that show (digit, probability); the rest is no digit."""
    probabilities = np.full((len(answers), 11), 1e-6)
    for row, (digit, probability) in zip(probabilities, answers, strict=True):
        row[digit], row[10] = probability, 1 - probability
    return np.log(probabilities)


def test_two_good_halves_beat_a_bad_whole():
    row = lattice([(0, 1), (1, 2), (0, 2)], [1, 1])
    assert best_path(row, seen((3, 0.9), (5, 0.9), (8, 0.3)), PRICES).chosen == (0, 1)


def test_a_good_whole_beats_two_bad_halves():
    row = lattice([(0, 1), (1, 2), (0, 2)], [1, 1])
    assert best_path(row, seen((3, 0.3), (5, 0.3), (8, 0.9)), PRICES).chosen == (2,)


def test_ink_that_is_no_digit_is_left_out_at_the_price_of_its_length():
    row = lattice([(0, 1), (1, 2)], [1, 0.25])
    path = best_path(row, seen((3, 0.9), (5, 0.01)), PRICES)
    assert path.chosen == (0,)
    assert path.price == pytest.approx(-np.log(0.9) + 2.0 * 0.25)
    assert [piece.mark for piece in left_out(row, path)] == [1]


def test_a_low_candidate_and_a_cut_end_cost_more():
    row = lattice([(0, 1), (1, 2)], [5, 5], heights=[40, 10])
    plain, low = best_path(row, seen((3, 0.9), (3, 0.9)), PRICES), 0.75 - 10 / 40
    assert plain.price == pytest.approx(2 * -np.log(0.9) + 16 * low**2)
    cut = replace(row, cut_ends=np.array([1, 0]))
    assert best_path(cut, seen((3, 0.9), (3, 0.9)), PRICES).price == pytest.approx(plain.price + 0.5)


def test_marks_that_stand_apart_are_one_digit_at_a_price():
    row = lattice([(0, 1), (1, 2), (0, 2)], [0.2, 1])
    seen_with_comma = seen((1, 0.02), (1, 0.99), (1, 0.9))
    assert best_path(row, seen_with_comma, PRICES).chosen == (2,)
    row.gaps[2] = 0.2
    assert best_path(row, seen_with_comma, PRICES).chosen == (1,)


def test_the_runner_up_reads_another_text():
    row = lattice([(0, 1), (1, 2), (0, 2)], [1, 1])
    path = best_path(row, seen((3, 0.9), (5, 0.9), (8, 0.8)), PRICES)
    assert path.runner_up is not None
    assert path.chosen == (0, 1)
    assert path.runner_up.chosen == (2,)
    assert path.runner_up.price > path.price


def test_every_path_of_a_small_lattice_costs_at_least_the_best():
    rng = np.random.default_rng(0)
    spans = [(first, end) for first in range(4) for end in range(first + 1, 5)]
    row = lattice(spans, rng.random(4).tolist())
    likely = rng.random(len(spans))
    logarithms = seen(*((index % 10, value) for index, value in enumerate(likely)))

    def cheapest(place):
        if place == 4:
            return 0.0
        skip = 2.0 * row.lengths[place] + cheapest(place + 1)
        digits = [-np.log(likely[k]) + cheapest(end) for k, (first, end) in enumerate(spans) if first == place]
        return min([skip, *digits])

    assert best_path(row, logarithms, PRICES).price == pytest.approx(cheapest(0))
