"""How much work a slice gets, and on how many threads."""

from itertools import pairwise

import pytest

from tinydigits.engine.runtime.pace import GROWTH, SLICE_SECONDS, SLICES_BETWEEN_TRIALS, Pace


def slices(pace, seconds_of_a_step, count):
    """What the pace chooses, `count` times, where a step on so many threads takes so many seconds."""
    chosen = []
    for _ in range(count):
        threads, steps = pace.next_slice()
        pace.learn(threads, steps, steps * seconds_of_a_step[threads])
        chosen.append((threads, steps))
    return chosen


def test_slices_grow_to_their_full_length():
    steps = [steps for _, steps in slices(Pace(1), {1: 1e-4}, 10)]
    assert steps[0] == 1
    assert all(after <= GROWTH * before for before, after in pairwise(steps))
    assert steps[-1] == pytest.approx(SLICE_SECONDS / 1e-4, abs=1)


@pytest.mark.parametrize(("seconds", "fastest"), [({1: 1e-4, 4: 0.3e-4}, 4), ({1: 1e-4, 4: 8e-4}, 1)])
def test_most_slices_run_on_the_faster_number_of_threads(seconds, fastest):
    chosen = slices(Pace(4), seconds, 100)[10:]
    assert sum(threads == fastest for threads, _ in chosen) >= len(chosen) * (1 - 2 / SLICES_BETWEEN_TRIALS)


def test_a_change_of_fortune_is_noticed():
    pace = Pace(2)
    slices(pace, {1: 1e-4, 2: 9e-4}, 30)
    chosen = slices(pace, {1: 1e-4, 2: 0.6e-4}, 3 * SLICES_BETWEEN_TRIALS)
    assert chosen[-1][0] == 2


def test_slow_steps_are_judged_too():
    chosen = slices(Pace(2), {1: 0.02, 2: 0.5}, 40)
    assert sum(threads == 1 for threads, _ in chosen) > 25


def test_a_slice_has_at_least_one_step():
    assert all(steps >= 1 for _, steps in slices(Pace(2), {1: 3.0, 2: 2.0}, 8))
