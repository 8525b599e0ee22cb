import numpy as np
import pytest

from tinydigits.data.plain import plain_dataset
from tinydigits.errors import DataError, LabelError, UnequalCountsError

IMAGES = np.arange(3 * 16, dtype=np.uint8).reshape(3, 4, 4) * 5
LABELS = np.array([3, 0, 9])


@pytest.mark.parametrize(
    "labels",
    [
        LABELS.astype(np.uint8),
        LABELS.astype(np.float32),
        LABELS[:, None],
        LABELS[None].astype(float),
        np.eye(10)[LABELS],
        np.eye(10, dtype=bool)[LABELS],
        LABELS.astype(str),
    ],
    ids=["uint8", "floats", "column", "row", "one-hot", "one-hot of bool", "text"],
)
def test_labels_of_one_meaning_are_taken(labels):
    data = plain_dataset(IMAGES, labels, "mine")
    assert data.labels.tolist() == LABELS.tolist()
    assert data.labels.dtype == np.int64


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        (np.array([1, 5, 10]), LabelError, r"labels from 1 to 10.*labels % 10.*labels - 1"),
        (np.array([0, 5, 10]), LabelError, "label 10 at position 2"),
        (np.array([0.5, 1, 2]), LabelError, "type float64"),
        (np.array([np.nan, 1, 2]), LabelError, "type float64"),
        (np.array(["a", "b", "c"]), LabelError, "type <U1"),
        (np.eye(10)[LABELS] * 0.9, LabelError, r"shape \[3, 10\]"),
        (LABELS[:2], UnequalCountsError, "3 images and 2 labels"),
        (LABELS[:1], UnequalCountsError, "3 images and 1 label;"),
    ],
)
def test_other_labels_are_refused_in_words(labels, error, message):
    with pytest.raises(error, match=message):
        plain_dataset(IMAGES, labels, "mine")


@pytest.mark.parametrize(
    "images",
    [IMAGES.astype(np.int64), IMAGES.astype(np.float32), IMAGES.reshape(3, 16), IMAGES.reshape(3, 16).astype(float)],
    ids=["int64", "float32", "flat", "flat floats"],
)
def test_images_of_one_meaning_are_taken(images):
    assert np.array_equal(plain_dataset(images, LABELS, "mine").images, IMAGES)


def test_channels_may_come_first_in_images_of_grey():
    images = np.zeros((3, 1, 28, 28), np.uint8)
    assert plain_dataset(images, LABELS, "mine").images.shape == (3, 28, 28)


@pytest.mark.parametrize("images", [IMAGES / 255, IMAGES > 100, IMAGES.astype(int) - 1, IMAGES.astype(int) * 2])
def test_other_images_are_refused_in_words(images):
    with pytest.raises(DataError, match="expected uint8, 0 to 255"):
        plain_dataset(images, LABELS, "mine")
