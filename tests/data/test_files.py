import gzip
import struct
import zipfile

import numpy as np
import pytest
from PIL import Image

from tinydigits.data.files import load, looks_inverted
from tinydigits.errors import (
    DataError,
    EmptyDataError,
    FileFormatError,
    ImageShapeError,
    LabelError,
    PictureError,
    UnequalCountsError,
)

IMAGES = np.arange(4 * 6, dtype=np.uint8).reshape(4, 2, 3)
LABELS = np.array([3, 1, 4, 1], np.uint8)


def idx_images(images=IMAGES):
    return struct.pack(">4I", 0x0803, *images.shape) + images.tobytes()


def idx_labels(labels=LABELS):
    return struct.pack(">2I", 0x0801, len(labels)) + labels.tobytes()


@pytest.fixture
def idx_folder(tmp_path):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx_images())
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx_labels()))
    return tmp_path


@pytest.fixture
def class_folder(tmp_path):
    for label, image in zip(LABELS, IMAGES, strict=True):
        (tmp_path / str(label)).mkdir(exist_ok=True)
        Image.fromarray(image).save(tmp_path / str(label) / f"{image[0, 0]}.png")
    return tmp_path


def test_an_idx_pair_is_read_plain_or_gzipped(idx_folder):
    for path in (idx_folder, idx_folder / "train-images-idx3-ubyte"):
        loaded = load(path)
        assert np.array_equal(loaded.data.images, IMAGES)
        assert loaded.data.labels.tolist() == LABELS.tolist()
        assert loaded.test is None


def test_a_second_idx_pair_is_the_test_set(idx_folder):
    (idx_folder / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx_images(IMAGES[:1])))
    (idx_folder / "t10k-labels-idx1-ubyte").write_bytes(idx_labels(LABELS[:1]))
    loaded = load(idx_folder)
    assert len(loaded.data) == 4
    assert len(loaded.test) == 1


def test_a_npz_of_images_and_labels_is_read(tmp_path):
    np.savez(tmp_path / "mine.npz", images=IMAGES, labels=LABELS)
    assert load(tmp_path / "mine.npz").data.labels.dtype == np.int64


def test_a_npz_of_keras_arrays_brings_its_test_set(tmp_path):
    np.savez(tmp_path / "keras.npz", x_train=IMAGES, y_train=LABELS, x_test=IMAGES[:2], y_test=LABELS[:2])
    loaded = load(tmp_path / "keras.npz")
    assert (len(loaded.data), len(loaded.test)) == (4, 2)


def test_a_folder_of_classes_is_read_in_the_order_of_names(class_folder):
    loaded = load(class_folder)
    assert loaded.data.labels.tolist() == [1, 1, 3, 4]
    assert np.array_equal(loaded.data.images[2], IMAGES[0])


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("train-images-idx3-ubyte", b"", FileFormatError, "an empty file"),
        ("train-images-idx3-ubyte", b"not idx at all", FileFormatError, "magic number"),
        ("train-images-idx3-ubyte", idx_images()[:-1], FileFormatError, "39 bytes; expected 40"),
        ("train-images-idx3-ubyte", idx_images(IMAGES[:3]), UnequalCountsError, "3 images and 4 labels"),
        ("train-labels-idx1-ubyte.gz", b"\x1f\x8b", FileFormatError, "broken gzip"),
        ("train-labels-idx1-ubyte.gz", gzip.compress(idx_labels(), mtime=0)[:-9], FileFormatError, "broken gzip"),
        ("train-labels-idx1-ubyte.gz", gzip.compress(idx_labels(LABELS + 9), mtime=0), LabelError, "label 12"),
        ("other-images-idx3-ubyte", idx_images(), DataError, "2 IDX files"),
    ],
)
def test_a_broken_idx_pair_is_refused(idx_folder, name, content, error, message):
    load(idx_folder)  # the control: the same folder before it is broken
    (idx_folder / name).write_bytes(content)
    with pytest.raises(error, match=message):
        load(idx_folder)


def test_images_without_their_labels_are_refused(idx_folder):
    (idx_folder / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match="no train-labels-idx1-ubyte beside it"):
        load(idx_folder)


@pytest.mark.parametrize(
    ("arrays", "error", "message"),
    [
        ({"pictures": IMAGES}, FileFormatError, "the arrays pictures"),
        ({"images": IMAGES, "labels": LABELS.astype(float)}, LabelError, "type float64"),
        ({"images": IMAGES / 255, "labels": LABELS}, DataError, "type float64"),
        ({"images": np.array([{}]), "labels": LABELS}, FileFormatError, "pickle"),
        ({"images": np.uint8(3), "labels": LABELS}, FileFormatError, "`images`, which is no array"),
    ],
)
def test_a_npz_that_holds_something_else_is_refused(tmp_path, arrays, error, message):
    np.savez(tmp_path / "odd.npz", **arrays)
    with pytest.raises(error, match=message):
        load(tmp_path / "odd.npz")


def test_a_npz_with_members_that_are_no_arrays_is_refused(tmp_path):
    header = np.lib.format.magic(1, 0) + b"\x10\x00{'descr': '|u1', "
    for member in (b"text", header, b""):
        with zipfile.ZipFile(tmp_path / "odd.npz", "w") as archive:
            archive.writestr("images.npy", member)
        with pytest.raises(FileFormatError):
            load(tmp_path / "odd.npz")


def test_a_label_out_of_range_names_the_file_of_labels(idx_folder):
    (idx_folder / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx_labels(LABELS + 9)))
    with pytest.raises(LabelError, match=r"train-labels-idx1-ubyte\.gz: found label 12"):
        load(idx_folder)


def test_the_names_of_other_programs_are_known(tmp_path):
    (tmp_path / "train-images.idx3-ubyte").write_bytes(idx_images())
    (tmp_path / "train-labels.idx1-ubyte").write_bytes(idx_labels())
    assert len(load(tmp_path).data) == 4


def test_hidden_files_are_no_pictures(class_folder):
    (class_folder / "3" / "._0.png").write_bytes(b"left by another system")
    assert len(load(class_folder).data) == 4


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"\x93NUMPY"])
def test_a_broken_npz_is_refused(tmp_path, content):
    (tmp_path / "broken.npz").write_bytes(content)
    with pytest.raises(FileFormatError):
        load(tmp_path / "broken.npz")


def test_pictures_of_several_sizes_are_refused(class_folder):
    Image.new("L", (5, 2)).save(class_folder / "3" / "wide.png")
    with pytest.raises(ImageShapeError, match=r"5 × 2 pixels; expected 3 × 2"):
        load(class_folder)


def test_a_broken_picture_is_refused_by_name(class_folder):
    (class_folder / "3" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(PictureError, match=r"broken\.png"):
        load(class_folder)


def test_a_sub_folder_that_is_no_digit_is_refused(class_folder):
    (class_folder / "a").mkdir()
    with pytest.raises(LabelError, match="0 to 9"):
        load(class_folder)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(EmptyDataError, match="no pictures"):
        load(tmp_path)


def test_a_path_that_is_not_there_and_a_file_of_another_kind_are_refused(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        load(tmp_path / "nowhere")
    (tmp_path / "digits.csv").write_text("5,0,0\n")
    with pytest.raises(FileFormatError, match=r"digits\.csv"):
        load(tmp_path / "digits.csv")


def test_dark_ink_on_white_is_noticed(few_digits, tmp_path):
    np.savez(tmp_path / "dark.npz", images=255 - few_digits.images, labels=few_digits.labels)
    assert looks_inverted(load(tmp_path / "dark.npz").data)
    assert not looks_inverted(few_digits)
