import gzip
import hashlib
import socket
import time

import numpy as np
import pytest

from tinydigits.data import dataset as data
from tinydigits.data.dataset import CANONICAL_SHA256, Dataset, mnist, mnist_test, model_input, scaled, split
from tinydigits.errors import DataError, EmptyDataError, ImageShapeError, IntegrityError, LabelError, UnequalCountsError


def test_mnist_is_split_into_55000_5000_and_10000(whole_mnist):
    assert whole_mnist.train.images.shape == (55_000, 28, 28)
    assert whole_mnist.validation.images.shape == (5_000, 28, 28)
    assert whole_mnist.test.images.shape == (10_000, 28, 28)
    assert whole_mnist.train.images.dtype == np.uint8
    assert whole_mnist.train.labels.dtype == np.int64


def test_mnist_keeps_its_published_order(whole_mnist):
    assert whole_mnist.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert whole_mnist.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert whole_mnist.validation.labels[-3:].tolist() == [5, 6, 8]


@pytest.mark.parametrize("name", CANONICAL_SHA256)
def test_the_bundled_bytes_are_the_canonical_ones(name):
    assert hashlib.sha256(data.bundled_bytes(name)).hexdigest() == CANONICAL_SHA256[name]


@pytest.mark.timing
def test_loading_mnist_takes_under_six_tenths_of_a_second():
    times = []
    for _ in range(5):
        started = time.perf_counter()
        mnist()
        times.append(time.perf_counter() - started)
    assert min(times) < 0.6


def test_loading_mnist_opens_no_connection(monkeypatch):
    def refuse(*_):
        raise AssertionError("a socket was made")

    monkeypatch.setattr(socket, "socket", refuse)
    mnist_test()


def test_a_changed_bundled_file_is_refused_even_where_its_content_is_the_same(monkeypatch, tmp_path):
    (tmp_path / "mnist_files").mkdir()
    labels = data.bundled_bytes("t10k-labels-idx1-ubyte")
    (tmp_path / "mnist_files" / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels, 1))
    monkeypatch.setattr(data.resources, "files", lambda _: tmp_path)
    with pytest.raises(IntegrityError, match="install tinydigits again"):
        data.bundled_bytes("t10k-labels-idx1-ubyte")


def test_pixels_are_scaled_by_255_in_float32():
    pixels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    assert scaled(pixels).dtype == np.float32
    assert np.array_equal(scaled(pixels), pixels.astype("float32") / 255)


def test_a_model_gets_its_own_shape_from_images_with_or_without_a_channel_axis(few_digits):
    for images in (few_digits.images, few_digits.images[..., None]):
        assert model_input(images, (28, 28)).shape == (240, 28, 28)
        assert model_input(images, (28, 28, 1)).shape == (240, 28, 28, 1)
        assert model_input(images, (28, 28)).dtype == np.float32


@pytest.mark.parametrize("shape", [(2, 14, 56), (4, 14, 14), (2, 28, 28, 3), (28, 28)])
def test_a_model_refuses_images_of_another_size(shape):
    with pytest.raises(ImageShapeError):
        model_input(np.zeros(shape, np.uint8), (28, 28, 1))


def test_a_model_refuses_images_already_scaled(few_digits):
    with pytest.raises(DataError, match="type float32; expected uint8"):
        model_input(scaled(few_digits.images), (28, 28))


def dataset(images=None, labels=None):
    return Dataset(
        np.zeros((3, 4, 4), np.uint8) if images is None else images,
        np.array([0, 9, 5]) if labels is None else labels,
        "mine",
    )


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"images": np.zeros((2, 4, 4), np.uint8)}, UnequalCountsError, "2 images and 3 labels"),
        ({"images": np.zeros((0, 4, 4), np.uint8)}, EmptyDataError, "no images"),
        ({"images": np.uint8(7)}, ImageShapeError, r"shape \[\]"),
        ({"labels": np.int64(7)}, LabelError, r"shape \[\]"),
        ({"images": np.zeros((3, 16), np.uint8)}, ImageShapeError, r"shape \[3, 16\]"),
        ({"images": np.zeros((3, 0, 4), np.uint8)}, ImageShapeError, r"shape \[3, 0, 4\]"),
        ({"images": np.zeros((3, 4, 4), np.float32)}, DataError, "type float32; expected uint8"),
        ({"labels": np.array([0, 10, 5])}, LabelError, "label 10 at position 1"),
        ({"labels": np.array([0, -1, -1])}, LabelError, r"label -1 at position 1 \(2 such labels\)"),
        ({"labels": np.eye(3)}, LabelError, r"shape \[3, 3\]"),
    ],
)
def test_arrays_that_are_no_data_set_are_refused(wrong, error, message):
    dataset()  # the control: the same arrays without the fault
    with pytest.raises(error, match=message):
        dataset(**wrong)


def test_a_twelfth_validates_and_nothing_is_lost(few_digits):
    splits = split(few_digits, None)
    assert (len(splits.train), len(splits.validation)) == (220, 20)
    both = np.concatenate([splits.train.images, splits.validation.images])
    assert sorted(image.tobytes() for image in both) == sorted(image.tobytes() for image in few_digits.images)


def test_a_split_is_the_same_every_time(few_digits):
    first, second = split(few_digits, None), split(few_digits, None)
    assert np.array_equal(first.validation.images, second.validation.images)


def test_too_few_images_to_split_are_refused(few_digits):
    with pytest.raises(EmptyDataError, match="11 images"):
        split(few_digits[:11], None)


def test_twelve_images_are_enough_to_split_and_one_of_them_validates(few_digits):
    splits = split(few_digits[:12], None)
    assert (len(splits.train), len(splits.validation), splits.test) == (11, 1, None)


def test_pixels_reach_a_model_as_they_are_where_it_takes_bytes(few_digits):
    taken = model_input(few_digits.images, (28, 28), pixels="0-255")
    assert taken.dtype == np.float32
    assert np.array_equal(taken, few_digits.images)


def test_a_model_of_flat_inputs_takes_images_of_any_form_with_as_many_pixels(few_digits):
    assert model_input(few_digits.images, (784,)).shape == (240, 784)
    with pytest.raises(ImageShapeError, match=r"images of 28 × 28; expected 785, which the model takes"):
        model_input(few_digits.images, (785,))
    with pytest.raises(ImageShapeError, match="images of 28 × 28; expected 784 × 1,"):
        model_input(few_digits.images, (784, 1))


def test_pixels_reach_a_model_from_0_to_1_where_nothing_else_is_said(few_digits):
    assert np.array_equal(model_input(few_digits.images, (28, 28)), scaled(few_digits.images))
