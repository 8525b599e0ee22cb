from contextlib import nullcontext

import numpy as np
import pytest

from tinydigits.data.dataset import Dataset
from tinydigits.errors import ModelError
from tinydigits.evaluation.report import evaluate


def oracle(dataset):
    """A `predict` that finds the answer in the first pixel."""
    return Dataset(np.repeat(dataset.labels.astype(np.uint8)[:, None], 784, 1).reshape(-1, 28, 28), dataset.labels)


def first_pixel(images):
    return np.eye(10, dtype=np.float32)[images[:, 0, 0]]


def test_anything_that_predicts_can_be_judged(few_digits):
    report = evaluate(first_pixel, oracle(few_digits))
    assert (report.accuracy, report.ece, report.images) == (1.0, 0.0, 240)
    assert report.interval == (pytest.approx(240 / (240 + 1.96**2), abs=1e-4), 1.0)
    assert np.array_equal(report.confusion, np.diag(np.bincount(few_digits.labels, minlength=10)))


def test_images_beyond_one_batch_keep_their_order(whole_mnist):
    images = oracle(whole_mnist.test[:2500])
    assert evaluate(first_pixel, images).accuracy == 1.0


def test_the_json_object_has_the_promised_keys(few_digits):
    assert list(evaluate(first_pixel, oracle(few_digits)).as_json()) == [
        "images",
        "accuracy",
        "interval",
        "ece",
        "confusion",
    ]


def test_a_predict_of_another_shape_or_without_numbers_is_refused(few_digits):
    with pytest.raises(ModelError, match=r"shape \[240, 2\]"):
        evaluate(lambda images: np.zeros((len(images), 2), np.float32), few_digits)
    with pytest.raises(ModelError, match="not numbers"):
        evaluate(lambda images: np.full((len(images), 10), np.nan, np.float32), few_digits)


def test_values_that_are_no_probabilities_are_refused(few_digits):
    with pytest.raises(ModelError, match="each row with sum 1"):
        evaluate(lambda images: np.full((len(images), 10), 0.5, np.float32), few_digits)
    with pytest.raises(ModelError, match="values from -1 to"):
        evaluate(lambda images: np.tile(np.array([-1, 2, *[0] * 8], np.float32), (len(images), 1)), few_digits)


def test_predict_gets_at_most_a_thousand_images_at_once_and_each_of_them_once(whole_mnist):
    sizes = []

    def counted(images):
        sizes.append(len(images))
        return first_pixel(images)

    evaluate(counted, oracle(whole_mnist.test[:2001]))
    assert sizes == [1000, 1000, 1]


@pytest.mark.parametrize(("off", "fits"), [(0.019, True), (-0.019, True), (0.021, False), (-0.021, False)])
def test_rows_may_miss_a_sum_of_one_by_what_rounding_does(few_digits, off, fits):
    def rounded(images):
        rows = first_pixel(images)
        rows[0, :2] = 0.5, 0.5 + off
        rows[0, 2:] = 0
        return rows

    with nullcontext() if fits else pytest.raises(ModelError, match="each row with sum 1"):
        evaluate(rounded, oracle(few_digits))


def test_one_wrong_row_is_enough_to_refuse_all(few_digits):
    for wrong in (np.nan, -0.001):

        def broken(images, wrong=wrong):
            rows = first_pixel(images)
            rows[-1, 0] = wrong
            return rows

        with pytest.raises(ModelError):
            evaluate(broken, oracle(few_digits))


def test_a_report_holds_the_probabilities_in_the_order_of_the_images(few_digits):
    report = evaluate(first_pixel, oracle(few_digits))
    assert report.probabilities.argmax(axis=1).tolist() == few_digits.labels.tolist()
    assert report.as_json()["interval"] == list(report.interval)
    assert report.as_json()["confusion"] == report.confusion.tolist()
