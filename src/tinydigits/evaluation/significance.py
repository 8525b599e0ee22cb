"""Tests whether two recipes differ, or only by chance. All are pure functions of arrays.

There are two questions, with one test each. Would *other seeds* give the same result? The sign-flip test of the seeds'
differences answers that. Would *other images* give the same result? McNemar's test of two trained nets answers that; it
says nothing about other trainings (Dietterich 1998, "Approximate statistical tests for comparing supervised
classification learning algorithms").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinydigits.arrays import AnyFloats, Mask

# All ways to flip signs are tried if there are at most this many, that is for up to 16 differences.
MOST_FLIPS = 65_536
# Number of random ways to flip signs that are tried otherwise.
RANDOM_FLIPS = 10_000


@dataclass(frozen=True)
class FlipTest:
    """The result of the sign-flip test.

    Attributes:
        p: two-sided p-value that the mean is at least this far from 0 if every sign is random.
        flips: the number of ways to flip signs that were tried.
        exact: whether these were all ways.
    """

    p: float
    flips: int
    exact: bool


@dataclass(frozen=True)
class McNemar:
    """The result of McNemar's test of two nets.

    Attributes:
        first_only, second_only: the number of images that only this net got right.
        p: two-sided p-value that a split is at least this uneven if p = ½.
    """

    first_only: int
    second_only: int
    p: float


def mean_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Student's 95 % interval of the mean of `values`; None of fewer than two.

    Student 1908, "The probable error of a mean". It holds for values that are about normal, as accuracies of many seeds
    are; the percentile bootstrap of ten such values is only 82 % as wide, of five 62 %.
    """
    from scipy import stats

    if len(values) < 2:
        return None
    middle, error = float(np.mean(values)), float(stats.sem(values))
    reach = error * float(stats.t.ppf(0.975, len(values) - 1))
    return middle - reach, middle + reach


def mean_interval_of_shares(values: Sequence[float]) -> tuple[float, float] | None:
    """`mean_interval` of accuracies or other shares: the part of it from 0 to 1, where their mean must lie."""
    interval = mean_interval(values)
    return None if interval is None else (max(interval[0], 0.0), min(interval[1], 1.0))


def sign_flip_test(differences: Sequence[float], *, seed: int = 0) -> FlipTest:
    """Tests whether the mean of paired differences [n] is 0, by a two-sided permutation test.

    Fisher 1935, "The design of experiments". If two recipes are the same, the difference of each seed could equally
    have the other sign. For more than 16 differences, 10,000 random flips represent all. The observed signs count as
    one of them, so that p is never 0 (Phipson and Smyth 2010, "Permutation p-values should never be zero").
    """
    from scipy import stats

    if len(differences) < 2:  # SciPy asks for two; both ways to flip one difference are as far from 0
        return FlipTest(1.0, 2 ** len(differences), exact=True)
    exact = 2 ** len(differences) <= MOST_FLIPS
    test = stats.permutation_test(
        (np.asarray(differences, np.float64),),
        rounded_mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=MOST_FLIPS if exact else RANDOM_FLIPS,
        rng=np.random.default_rng(seed),
    )
    return FlipTest(float(test.pvalue), len(test.null_distribution), exact)


def rounded_mean(differences: AnyFloats, axis: int) -> AnyFloats:
    """Returns the mean along an axis to 12 decimals, so that flips which come to the same mean are as far from 0."""
    return np.asarray(np.round(np.mean(differences, axis=axis), 12))


def mcnemar(first_right: Mask, second_right: Mask) -> McNemar:
    """Tests whether two nets differ, given which images [n] each got right: McNemar's test, two-sided and exact.

    McNemar 1947, "Note on the sampling error of the difference between correlated proportions". The exact binomial
    distribution replaces his approximation.
    """
    from scipy import stats

    first_only = int(np.sum(first_right & ~second_right))
    second_only = int(np.sum(second_right & ~first_right))
    if first_only == second_only == 0:
        return McNemar(0, 0, 1.0)
    return McNemar(first_only, second_only, float(stats.binomtest(first_only, first_only + second_only).pvalue))


def combined(ps: Sequence[float]) -> float:
    """Combines p-values of the same question into one, about twice their median; the tests may depend on each other.

    The nets of all seeds answer the same images. So their answers must not be pooled, and their p-values must not be
    combined as if they were independent. If k of n tests have p or less, n/k · p is a valid p-value under any
    dependence (Rüger 1978, "Das maximale Signifikanzniveau des Tests …"; Gasparin, Wang and
    Ramdas 2024, "Combining exchangeable p-values", section 4). Here k is half of n, rounded up.
    """
    middle = (len(ps) + 1) // 2
    return float(min(1.0, sorted(ps)[middle - 1] * len(ps) / middle))
