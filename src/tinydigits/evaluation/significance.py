"""Are two recipes different, or two sets of runs by chance? Pure functions of arrays.

Two questions, two tests. Would *other seeds* say the same? The sign-flip test of the seeds' differences. Would *other
images*? McNemar's test of two trained nets, image by image, which says nothing of other trainings (Dietterich 1998,
"Approximate statistical tests for comparing supervised classification learning algorithms").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Every way to flip the signs is tried where there are no more than these: up to 16 differences.
MOST_FLIPS = 65_536
RANDOM_FLIPS = 10_000


@dataclass(frozen=True)
class FlipTest:
    """What the sign-flip test says.

    Attributes:
        p: the chance, 0 to 1, of a mean at least as far from 0, either way, if signs were tossed.
        flips: how many ways to toss them were tried; all there are where `exact`.
    """

    p: float
    flips: int
    exact: bool


@dataclass(frozen=True)
class McNemar:
    """Images that only one of two nets got right.

    Attributes:
        p: two-sided p-value that a split is at least this uneven if each net is equally likely to be the one.
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


def sign_flip_test(differences: Sequence[float], *, seed: int = 0) -> FlipTest:
    """The two-sided permutation test of paired differences [n] by their mean.

    Fisher 1935, "The design of experiments". If two recipes are the same, a seed's difference is as likely to have the
    other sign. With more than 16 differences, 10,000 random flips stand for all; the one observed is counted among
    them, so that p is never 0 (Phipson and Smyth 2010, "Permutation p-values should never be zero").
    """
    from scipy import stats

    if len(differences) < 2:  # SciPy asks for two; both ways to flip one difference are as far from 0
        return FlipTest(1.0, 2 ** len(differences), exact=True)
    exact = 2 ** len(differences) <= MOST_FLIPS
    test = stats.permutation_test(
        (np.asarray(differences, np.float64),),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=MOST_FLIPS if exact else RANDOM_FLIPS,
        rng=np.random.default_rng(seed),
    )
    return FlipTest(float(test.pvalue), len(test.null_distribution), exact)


def mcnemar(first_right: NDArray[np.bool_], second_right: NDArray[np.bool_]) -> McNemar:
    """McNemar's test, two-sided and exact, of which images [n] two nets got right.

    McNemar 1947, "Note on the sampling error of the difference between correlated proportions"; with the binomial
    distribution itself instead of his approximation.
    """
    from scipy import stats

    first_only = int(np.sum(first_right & ~second_right))
    second_only = int(np.sum(second_right & ~first_right))
    if first_only == second_only == 0:
        return McNemar(0, 0, 1.0)
    return McNemar(first_only, second_only, float(stats.binomtest(first_only, first_only + second_only).pvalue))


def combined(ps: Sequence[float]) -> float:
    """One p-value for several of the same question, however they depend on each other; about twice their median.

    The nets of all seeds answer the same images: neither may their answers be pooled, as if images had been drawn anew
    for each, nor their p-values be combined as if independent. Where k of n tests are at p or below, n/k · p is a
    valid p-value under any dependence (Rüger 1978, "Das maximale Signifikanzniveau des Tests …"; Gasparin, Wang and
    Ramdas 2024, "Combining exchangeable p-values", section 4); k is half of n, rounded up.
    """
    middle = (len(ps) + 1) // 2
    return float(min(1.0, sorted(ps)[middle - 1] * len(ps) / middle))
