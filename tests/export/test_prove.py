import numpy as np
import pytest

from tinydigits.export.prove import compared, compared_probabilities

EXPECTED = np.array([[0.1, 0.9], [0.55, 0.45], [0.2, 0.8]])


def test_another_label_than_the_references_is_wrong_and_the_largest_difference_is_said():
    proof = compared(np.array([1, 1, 1]), EXPECTED + np.array([[0.25, 0], [0, 0], [0, -0.5]]), EXPECTED)
    assert (proof.checked, proof.wrong.tolist(), proof.largest) == (3, [1], 0.5)


def test_whole_numbers_have_to_be_the_same_and_floats_only_about():
    scores = np.array([[1, 5], [7, 2]])
    other = scores + np.array([[0, 0], [1, 0]])
    labels = np.array([1, 0])
    assert compared(labels, other, scores).wrong.tolist() == [1]
    assert compared(labels, other.astype(float), scores.astype(float)).wrong.tolist() == []
    assert compared(labels, scores, scores).wrong.tolist() == []


def test_scores_of_small_whole_numbers_do_not_wrap():
    proof = compared(np.array([0]), np.array([[100, 0]], np.int8), np.array([[-100, -128]], np.int64))
    assert proof.largest == 200


@pytest.mark.parametrize(("doubt", "wrong"), [(0.0, [1]), (0.05, [1]), (0.2, [])])
def test_another_answer_may_be_given_only_where_the_reference_is_in_doubt_itself(doubt, wrong):
    proof = compared_probabilities(EXPECTED[[0, 0, 2]], EXPECTED, doubt)
    assert proof.wrong.tolist() == wrong
    assert (proof.checked, proof.largest) == (3, pytest.approx(0.45))


def test_nothing_to_compare_is_no_difference():
    for proof in (
        compared(np.zeros(0, int), np.zeros((0, 10)), np.zeros((0, 10))),
        compared_probabilities(np.zeros((0, 10)), np.zeros((0, 10))),
    ):
        assert (proof.checked, proof.wrong.tolist(), proof.largest) == (0, [], 0)
