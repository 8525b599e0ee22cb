from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tinydigits.evaluation.significance import (
    FlipTest,
    combined,
    mcnemar,
    mean_interval,
    mean_interval_of_shares,
    sign_flip_test,
)

HUNDREDTHS = st.integers(-500, 500).map(lambda hundredths: hundredths / 10_000)
# Darwin's fifteen pairs of maize, the example of Fisher 1935, section 21: 863 of 32,768 flips are as large one way.
MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]


def test_the_sign_flip_test_agrees_with_fishers_own_example():
    test = sign_flip_test(MAIZE)
    assert (test.flips, test.exact) == (32_768, True)
    assert test.p == 2 * 863 / 32_768


@given(st.lists(HUNDREDTHS, min_size=2, max_size=8))
def test_the_sign_flip_test_counts_all_flips_that_are_as_far_from_zero(differences):
    signs = np.array(list(product([-1, 1], repeat=len(differences))))
    as_far = np.abs(signs @ differences) >= abs(sum(differences)) - 1e-9
    assert sign_flip_test(differences).p == pytest.approx(as_far.mean())


def test_flips_that_differ_by_rounding_alone_are_as_far_from_zero():
    assert sign_flip_test([0.0116, -0.002, 0.0186, -0.0083, -0.0186, -0.0013]).p == 1  # their sum is 0, or nearly so


def test_the_smallest_p_of_n_seeds_is_two_of_all_flips():
    assert sign_flip_test([0.01] * 5).p == 2 / 32
    assert sign_flip_test([0.01, 0.02, 0.1]).p == 2 / 8
    assert sign_flip_test([0.0] * 4).p == 1
    assert sign_flip_test([0.01]) == FlipTest(1.0, 2, exact=True)


def test_many_differences_are_flipped_at_random_and_never_give_zero():
    differences = np.random.default_rng(0).normal(0.4, 1, 17)
    test = sign_flip_test(differences)
    assert (test.flips, test.exact) == (10_000, False)
    exact = stats.permutation_test(
        (differences,), np.sum, permutation_type="samples", n_resamples=np.inf, vectorized=True
    )
    assert test.p == pytest.approx(exact.pvalue, abs=0.015)
    assert test == sign_flip_test(differences)
    assert sign_flip_test([1.0] * 20).p == 2 / 10_001


def test_mcnemar_looks_only_at_images_that_one_net_alone_got_right():
    both, neither = [True] * 50, [False] * 20
    first = np.array([*both, *neither, *[True] * 9, *[False] * 2])
    second = np.array([*both, *neither, *[False] * 9, *[True] * 2])
    test = mcnemar(first, second)
    assert (test.first_only, test.second_only) == (9, 2)
    assert test.p == pytest.approx(stats.binomtest(2, 11).pvalue)
    assert mcnemar(first, first).p == 1


def test_p_values_are_combined_by_about_twice_their_median():
    assert combined([0.3]) == 0.3
    assert combined([0.01, 0.04, 0.5]) == pytest.approx(0.04 * 3 / 2)
    assert combined([0.01, 0.02, 0.5, 0.9]) == pytest.approx(0.04)
    assert combined([0.9, 0.8]) == 1


def test_a_combined_p_is_small_no_oftener_than_it_says_even_when_all_tests_are_one():
    # Ten tests, each of a p uniform under the hypothesis: all the same, and all independent.
    draws = np.random.default_rng(0).random((20_000, 10))
    for ps in (np.repeat(draws[:, :1], 10, axis=1), draws):
        assert np.mean([combined(row) <= 0.05 for row in ps]) <= 0.051


def test_the_interval_is_students():
    # Student 1908: gains in sleep of ten patients; R's t.test gives 0.7000 to 2.4598 for the differences.
    gains = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]
    assert mean_interval(gains) == pytest.approx((0.7001, 2.4599), abs=2e-4)


def test_the_interval_of_normal_values_holds_their_mean_as_often_as_it_says():
    drawn = np.random.default_rng(0).normal(0, 1, (2_000, 5))
    held = [low <= 0 <= high for low, high in map(mean_interval, drawn)]
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)


def test_one_value_has_no_interval():
    assert mean_interval([0.9]) is None
    assert mean_interval([0.5, 0.5]) == (0.5, 0.5)


def test_the_interval_of_an_accuracy_ends_where_accuracies_do():
    assert mean_interval_of_shares([0.6, 0.8]) == (0.0, 1.0)
    assert mean_interval_of_shares([0.96, 0.962, 0.961]) == mean_interval([0.96, 0.962, 0.961])
    assert mean_interval_of_shares([0.9]) is None
