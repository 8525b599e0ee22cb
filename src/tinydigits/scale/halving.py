"""Successive halving: many combinations for few epochs, the better half for twice as many, and so on.

Jamieson and Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization". Each round trains
anew: rates that depend on all steps are then those of a whole training, and no run depends on another.
"""

from collections.abc import Mapping, Sequence
from math import ceil, inf, log2
from statistics import mean
from typing import TypeVar

Candidate = TypeVar("Candidate")


def epochs_of_rounds(epochs: int, candidates: int) -> list[int]:
    """Epochs of each round; the last has all `epochs`, and the first 1 or more.

    There are as many rounds as it takes to halve the candidates to one, if the epochs can be halved so often.
    """
    halvings = min(ceil(log2(candidates)), int(log2(epochs))) if candidates > 1 else 0
    return [epochs // 2 ** (halvings - number) for number in range(halvings + 1)]


def better_half(losses: Mapping[Candidate, Sequence[float | None]]) -> list[Candidate]:
    """The half, rounded up, with the lowest mean loss, in the order given; none of which a training failed.

    Args:
        losses: a validation loss a seed; None for a training that failed.
    """
    means = {each: mean(inf if loss is None else loss for loss in own) for each, own in losses.items()}
    best = sorted((each for each in means if means[each] < inf), key=means.__getitem__)[: ceil(len(means) / 2)]
    return [each for each in losses if each in best]
