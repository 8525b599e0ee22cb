import os

import numpy as np
import pytest

from tinydigits.data.arrays_on_disk import labels_name, load_npy, load_npz, loaded_from
from tinydigits.errors import DataError, FileFormatError

IMAGES = np.arange(4 * 6, dtype=np.uint8).reshape(4, 2, 3)
LABELS = np.array([3, 1, 4, 1])


class Leaving:
    """An object that leaves a file behind where somebody unpickles it."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("name", ["images.npy", "images.npz"])
def test_code_inside_of_arrays_is_never_run(tmp_path, name):
    trace, path = tmp_path / "trace", tmp_path / name
    harmful = np.array([Leaving(trace)], dtype=object)
    np.save(tmp_path / "labels.npy", LABELS)
    np.save(path, harmful) if name.endswith("npy") else np.savez(path, images=harmful, labels=LABELS)
    with pytest.raises(FileFormatError, match="pickle"):
        load_npy(path) if name.endswith("npy") else load_npz(path)
    assert not trace.exists()
    np.load(tmp_path / name, allow_pickle=True)["images"] if name.endswith("npz") else np.load(path, allow_pickle=True)
    assert trace.exists()  # the control


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("images.npy", "labels.npy"),
        ("digits-images.npy", "digits-labels.npy"),
        ("x_train.npy", "y_train.npy"),
        ("X.npy", "y.npy"),
        ("images_x.npy", "labels_x.npy"),  # one word is enough
        ("axes.npy", "axes.npy"),
    ],
)
def test_the_name_of_the_labels_follows_from_that_of_the_images(images, labels):
    assert labels_name(images) == labels


def test_a_name_that_does_not_say_images_is_refused_even_if_the_file_is_there(tmp_path):
    np.save(tmp_path / "digits.npy", IMAGES)
    with pytest.raises(DataError, match="a name without `images` or `x`"):
        load_npy(tmp_path / "digits.npy")


def test_images_without_a_file_of_labels_are_refused_and_its_name_is_said(tmp_path):
    np.save(tmp_path / "x_train.npy", IMAGES)
    with pytest.raises(DataError, match=r"no y_train\.npy beside it"):
        load_npy(tmp_path / "x_train.npy")


@pytest.mark.parametrize("names", [("images", "y_train"), ("images",), ("labels",), ("pictures", "labels")])
def test_images_and_labels_that_do_not_belong_together_are_refused_by_name(tmp_path, names):
    arrays = dict.fromkeys(names, LABELS)
    with pytest.raises(FileFormatError, match=f"the arrays {', '.join(names)}"):
        loaded_from(arrays, tmp_path / "odd.npz")


def test_a_pair_that_is_whole_counts_where_another_is_not(tmp_path):
    arrays = {"images": IMAGES[:1], "x_train": IMAGES, "y_train": LABELS}
    assert len(loaded_from(arrays, tmp_path / "odd.npz").data) == 4


def test_flat_images_may_be_columns_and_are_rows_where_both_could_be():
    flat = np.arange(16 * 9, dtype=np.uint8).reshape(16, 9)
    labels = np.arange(16) % 10
    rows = loaded_from({"data": flat, "label": labels}, "rows").data.images
    columns = loaded_from({"data": flat.T, "label": labels}, "columns").data.images
    assert np.array_equal(rows, flat.reshape(16, 3, 3))
    assert np.array_equal(columns, rows)
    square = loaded_from({"data": flat[:9], "label": labels[:9]}, "square").data.images
    assert np.array_equal(square, rows[:9])


@pytest.mark.parametrize("images", [LABELS[:3], IMAGES[0], np.zeros((2, 2, 2, 2, 2), np.uint8)])
def test_arrays_of_other_shapes_are_refused_with_a_typed_error(tmp_path, images):
    with pytest.raises(DataError):
        loaded_from({"images": images, "labels": LABELS}, tmp_path / "odd.npz")


def test_a_npy_that_holds_one_value_or_is_an_archive_is_refused(tmp_path):
    np.save(tmp_path / "labels.npy", LABELS)
    np.save(tmp_path / "images.npy", np.uint8(3))
    with pytest.raises(FileFormatError, match=r"images\.npy: found no array of several values"):
        load_npy(tmp_path / "images.npy")
    with (tmp_path / "images.npy").open("wb") as file:
        np.savez(file, images=IMAGES)
    with pytest.raises(FileFormatError, match=r"images\.npy: found no array of several values"):
        load_npy(tmp_path / "images.npy")
    (tmp_path / "images.npy").write_bytes(b"\x93NUMPY and no more")
    with pytest.raises(FileFormatError, match=r"images\.npy: found ValueError"):
        load_npy(tmp_path / "images.npy")
