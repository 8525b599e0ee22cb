from math import ceil

from hypothesis import given
from hypothesis import strategies as some

from tinydigits.scale.halving import better_half, epochs_of_rounds


def test_rounds_double_the_epochs_until_one_candidate_is_left():
    assert epochs_of_rounds(8, 4) == [2, 4, 8]
    assert epochs_of_rounds(80, 100) == [1, 2, 5, 10, 20, 40, 80]


def test_there_are_fewer_rounds_where_the_epochs_cannot_be_halved_so_often():
    assert epochs_of_rounds(5, 100) == [1, 2, 5]
    assert epochs_of_rounds(1, 100) == [1]
    assert epochs_of_rounds(5, 1) == [5]


@given(some.integers(1, 1000), some.integers(1, 10_000))
def test_every_round_has_at_least_one_epoch_and_the_last_has_all(epochs, candidates):
    rounds = epochs_of_rounds(epochs, candidates)
    assert rounds[0] >= 1
    assert rounds[-1] == epochs
    assert rounds == sorted(rounds)


def test_the_better_half_has_the_lower_mean_loss_and_keeps_the_order():
    assert better_half({"a": [0.3, 0.5], "b": [0.1, 0.1], "c": [0.2, 0.2]}) == ["b", "c"]
    assert better_half({"a": [0.2], "b": [0.9], "c": [0.8], "d": [0.1]}) == ["a", "d"]


def test_one_failed_seed_is_enough_to_leave():
    assert better_half({"a": [0.1, None], "b": [5.0, 5.0]}) == ["b"]
    assert better_half({"a": [None], "b": [None]}) == []


@given(some.lists(some.floats(0, 10), min_size=1, max_size=30))
def test_nobody_who_stays_is_worse_than_anybody_who_leaves(losses):
    candidates = {number: [loss] for number, loss in enumerate(losses)}
    left = better_half(candidates)
    assert len(left) == ceil(len(losses) / 2)
    gone = [loss for number, loss in enumerate(losses) if number not in left]
    assert max(losses[number] for number in left) <= min(gone, default=10)
