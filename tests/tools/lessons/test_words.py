"""Writing that holds no digit."""

import numpy as np

from lessons.cutting import wordless
from lessons.pictures import NOT_A_DIGIT
from lessons.words import drawn_word


def test_the_same_seed_draws_the_same_writing(digits):
    first, again, other = (drawn_word(digits, np.random.default_rng(seed)).picture for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_all_kinds_of_writing_leave_ink_on_the_paper(digits):
    rng = np.random.default_rng(0)
    drawn = [drawn_word(digits, rng, held_out=held_out) for held_out in (False, True) for _ in range(25)]
    assert all(min(row.picture.size) >= 8 and not row.digits for row in drawn)
    assert np.mean([np.ptp(np.asarray(row.picture)) > 20 for row in drawn]) > 0.9


def test_nothing_that_is_cut_out_of_a_word_is_a_digit(digits):
    images, answers = wordless(digits, 6, 1)
    assert len(images) == len(answers) > 6
    assert set(answers.tolist()) == {NOT_A_DIGIT}
