import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinydigits.evaluation.metrics import (
    accuracy,
    accuracy_interval,
    auroc,
    confusion_matrix,
    expected_calibration_error,
    log_loss,
    summary,
    worst_mistakes,
)

PROBABILITIES = np.array([[0.9, 0.1], [0.4, 0.6], [0.7, 0.3], [0.2, 0.8]])
LABELS = np.array([0, 1, 1, 0])


def test_accuracy_is_the_share_of_right_answers():
    assert accuracy(PROBABILITIES, LABELS) == 0.5


def test_rows_of_the_confusion_matrix_are_true_and_columns_predicted():
    assert confusion_matrix(PROBABILITIES, LABELS).tolist() == [[1, 1], [1, 1]]
    assert confusion_matrix(PROBABILITIES, np.array([0, 0, 0, 0])).tolist() == [[2, 2], [0, 0]]


def test_the_interval_agrees_with_a_worked_example():
    # Wilson's interval for 81 of 263, as tabulated by Newcombe 1998, Statistics in Medicine 17, table I: 0.2553, 0.3662
    low, high = accuracy_interval(81 / 263, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_the_interval_holds_its_accuracy_and_stays_within_bounds(images, share):
    fraction = round(share * images) / images
    low, high = accuracy_interval(fraction, images)
    assert 0 <= low <= fraction + 1e-12
    assert fraction - 1e-12 <= high <= 1


def test_calibration_error_is_the_weighted_gap_by_bin():
    # Four answers in four bins: |0.9 - 1|, |0.6 - 1|, |0.7 - 0|, |0.8 - 0|, a quarter each.
    assert expected_calibration_error(PROBABILITIES, LABELS) == pytest.approx((0.1 + 0.4 + 0.7 + 0.8) / 4)


def test_there_are_fifteen_bins():
    # 0.734 lies above 11/15 = 0.7333…, 0.733 below: two bins of one answer each, with gaps of 0.266 and 0.733.
    pairs = np.array([[0.734, 0.266], [0.733, 0.267]])
    assert expected_calibration_error(pairs, np.array([0, 1])) == pytest.approx((0.266 + 0.733) / 2)
    assert expected_calibration_error(pairs, np.array([0, 1]), bins=14) == pytest.approx((1.467 - 1) / 2)


def test_full_confidence_and_full_accuracy_are_perfectly_calibrated():
    assert expected_calibration_error(np.eye(3), np.arange(3)) == 0


def test_a_value_on_the_edge_of_a_bin_belongs_to_the_bin_below():
    # Two answers of confidence 0.5, one right: with two bins both lie in the lower one, and the gap is 0.
    halves = np.array([[0.5, 0.5], [0.5, 0.5]])
    assert expected_calibration_error(halves, np.array([0, 1]), bins=2) == 0


def test_the_worst_mistakes_come_first_and_right_answers_never():
    assert worst_mistakes(PROBABILITIES, LABELS, 5).tolist() == [3, 2]
    assert worst_mistakes(PROBABILITIES, LABELS, 1).tolist() == [3]


def test_the_area_under_the_curve_counts_pairs_in_order():
    assert auroc(np.array([1.0, 2.0]), np.array([3.0, 4.0])) == 1
    assert auroc(np.array([3.0, 4.0]), np.array([1.0, 2.0])) == 0
    assert auroc(np.array([1.0, 1.0]), np.array([1.0])) == 0.5
    assert auroc(np.array([1.0, 3.0]), np.array([2.0, 4.0])) == 0.75


def test_the_log_loss_is_the_mean_surprise_in_nats():
    assert log_loss(PROBABILITIES, LABELS) == pytest.approx(
        -(np.log(0.9) + np.log(0.6) + np.log(0.3) + np.log(0.2)) / 4
    )
    assert log_loss(np.eye(3), np.arange(3)) == 0


def test_a_hopeless_image_counts_as_one_in_ten_million():
    assert log_loss(np.eye(2), np.array([1, 0])) == pytest.approx(-np.log(1e-7))
    assert log_loss(np.array([[1 - 2e-7, 2e-7]]), np.array([1])) == pytest.approx(-np.log(2e-7))


def test_a_summary_is_of_the_accuracies_that_are_known():
    assert summary([0.5, None, 0.75, 1.0]) == {"mean": 0.75, "sd": 0.25, "min": 0.5, "max": 1.0, "n": 3}
    assert summary([0.5]) == {"mean": 0.5, "sd": None, "min": 0.5, "max": 0.5, "n": 1}
    assert summary([0.5, 0.5])["sd"] == 0
    assert summary([None]) == {"mean": None, "sd": None, "min": None, "max": None, "n": 0}


def test_mistakes_of_equal_confidence_stay_in_their_order():
    probabilities = np.array([[0.8, 0.2], [0.9, 0.1], [0.8, 0.2], [0.9, 0.1]])
    assert worst_mistakes(probabilities, np.array([1, 1, 1, 1]), 4).tolist() == [1, 3, 0, 2]


def test_a_matrix_has_a_row_and_a_column_for_classes_that_do_not_occur():
    assert confusion_matrix(np.eye(4)[[1, 1, 3]], np.array([1, 2, 3])).tolist() == [
        [0, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 0, 1],
    ]


def test_neighbouring_bins_do_not_make_up_for_one_another():
    confidence = (np.arange(8, 15) + 0.5) / 15  # one answer in the middle of each upper bin, every other one right
    labels = np.arange(7) % 2
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    gaps = np.abs(confidence - (labels == 0))
    assert expected_calibration_error(probabilities, labels) == pytest.approx(gaps.mean())
