"""What a reading says of the marks of a row."""

from types import SimpleNamespace

import numpy as np

from tinydigits.reader.result import parts_of_marks, why_unsure


def row(lengths, marks):
    """A row of pieces, each a candidate of its own, of so much length and of such marks."""
    pieces = [SimpleNamespace(mark=mark) for mark in marks]
    spans = np.array([(index, index + 1) for index in range(len(pieces))])
    return SimpleNamespace(lattice=SimpleNamespace(pieces=pieces, lengths=np.array(lengths), spans=spans))


def test_a_bar_of_an_unread_letter_is_a_part_of_it():
    assert parts_of_marks(row([1.0, 2.0], marks=[1, 1]), [0]) == {0}


def test_a_stroke_that_joins_many_digits_makes_none_of_them_a_part():
    joined = row([2.0, 2.0, 0.8, 1.0], marks=[1, 1, 1, 1])
    assert parts_of_marks(joined, [0, 1, 3]) == set()
    assert parts_of_marks(joined, [0, 3]) == {0, 3}  # the second digit is unsure


def test_ink_of_another_mark_does_not_count():
    assert parts_of_marks(row([1.0, 2.0], marks=[1, 2]), [0]) == set()


def test_a_digit_is_not_sure_enough_between_what_is_asked_for_and_what_is_wished():
    demands = SimpleNamespace(least=0.5, wished=0.8)
    found = {sure: why_unsure(SimpleNamespace(confidence=sure), demands) for sure in (0.49, 0.5, 0.79, 0.8)}
    assert found == {0.49: "not a digit", 0.5: "not sure enough", 0.79: "not sure enough", 0.8: "not a digit"}
