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

from tinydigits.arrays import Mask

# All ways to flip signs are tried if there are at most this many, that is for up to 16 differences.
MOST_FLIPS = 65_536
# Number of random ways to flip signs that are tried otherwise.
RANDOM_FLIPS = 10_000
# Number of bootstrap samples.
RESAMPLES = 10_000
# Relative tolerance: sums of the same numbers in another order differ by rounding and must count as equal.
ROUNDING = 1e-9


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


def bootstrap_interval(values: Sequence[float], *, seed: int = 0) -> tuple[float, float] | None:
    """Returns the 95 % interval of the mean by the percentile bootstrap; None for fewer than two values.

    Efron 1979, "Bootstrap methods: another look at the jackknife". For few values it is too narrow. For normally
    distributed values it is 62 % as wide as Student's interval if there are 5, and 82 % if there are 10.
    """
    if len(values) < 2:
        return None
    drawn = np.random.default_rng(seed).choice(np.asarray(values, np.float64), (RESAMPLES, len(values)))
    low, high = np.percentile(drawn.mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def sign_flip_test(differences: Sequence[float], *, seed: int = 0) -> FlipTest:
    """Tests whether the mean of paired differences [n] is 0, by a two-sided permutation test.

    Fisher 1935, "The design of experiments". If two recipes are the same, the difference of each seed could equally
    have the other sign. For more than 16 differences, 10,000 random flips represent all. The observed signs count as
    one of them, so that p is never 0 (Phipson and Smyth 2010, "Permutation p-values should never be zero").
    """
    values = np.asarray(differences, np.float64)
    exact = 2 ** len(values) <= MOST_FLIPS
    if exact:
        signs = 1 - 2 * ((np.arange(2 ** len(values))[:, None] >> np.arange(len(values))) & 1)
    else:
        signs = np.random.default_rng(seed).choice([-1, 1], (RANDOM_FLIPS, len(values)))
    observed = abs(values.sum())
    as_far = int(np.sum(np.abs(signs @ values) >= observed - ROUNDING * np.abs(values).sum()))
    p = as_far / len(signs) if exact else (as_far + 1) / (len(signs) + 1)
    return FlipTest(p, len(signs), exact)


def mcnemar(first_right: Mask, second_right: Mask) -> McNemar:
    """Tests whether two nets differ, given which images [n] each got right: McNemar's test, two-sided and exact.

    McNemar 1947, "Note on the sampling error of the difference between correlated proportions". The exact binomial
    distribution replaces his approximation.
    """
    first_only = int(np.sum(first_right & ~second_right))
    second_only = int(np.sum(second_right & ~first_right))
    return McNemar(first_only, second_only, fair_coin(min(first_only, second_only), first_only + second_only))


def fair_coin(fewer: int, tosses: int) -> float:
    """Returns the two-sided p-value that one side of a fair coin comes up at most `fewer` times in `tosses`."""
    ways = total = 1  # Python integers are exact at any size
    for heads in range(fewer):
        ways = ways * (tosses - heads) // (heads + 1)
        total += ways
    return float(min(1.0, 2 * total / 2**tosses))


def combined(ps: Sequence[float]) -> float:
    """Combines p-values of the same question into one, about twice their median; the tests may depend on each other.

    The nets of all seeds answer the same images. So their answers must not be pooled, and their p-values must not be
    combined as if they were independent. If k of n tests have p or less, n/k · p is a valid p-value under any
    dependence (Rüger 1978, "Das maximale Signifikanzniveau des Tests …"; Gasparin, Wang and
    Ramdas 2024, "Combining exchangeable p-values", section 4). Here k is half of n, rounded up.
    """
    middle = (len(ps) + 1) // 2
    return float(min(1.0, sorted(ps)[middle - 1] * len(ps) / middle))
