import gzip
import os
import struct
import zipfile

import numpy as np
import pytest
from PIL import Image

from tinydigits.data.files import load
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
        ({"images": IMAGES, "labels": LABELS + 0.5}, LabelError, "type float64"),
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
    (tmp_path / "digits.txt").write_text("5,0,0\n")
    with pytest.raises(FileFormatError, match=r"digits\.txt"):
        load(tmp_path / "digits.txt")


@pytest.mark.parametrize("name", ["mnist.pkl.gz", "mnist.pkl", "digits.pickle", "digits.pt"])
def test_files_of_python_objects_are_refused_and_never_run(tmp_path, name):
    (tmp_path / name).write_bytes(gzip.compress(b"cos\nabort\n(tR."))
    for path in (tmp_path / name, tmp_path):
        with pytest.raises(FileFormatError, match=r"runs the code inside.*numpy\.savez_compressed"):
            load(path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "endless.npz")
    with pytest.raises(FileFormatError, match="a device, pipe or socket"):
        load(tmp_path / "endless.npz")


def test_pairs_of_npy_in_a_folder_are_the_two_parts(tmp_path):
    for part, count in (("train", 4), ("test", 2)):
        np.save(tmp_path / f"x_{part}.npy", IMAGES[:count])
        np.save(tmp_path / f"y_{part}.npy", LABELS[:count])
    loaded = load(tmp_path)
    assert (len(loaded.data), len(loaded.test)) == (4, 2)
    assert load(tmp_path / "x_test.npy").data.labels.tolist() == [3, 1]


@pytest.mark.parametrize(("train", "test"), [("train", "test"), ("training", "testing"), ("trainingSet", "testSet")])
def test_folders_of_training_and_test_images_are_the_two_parts(tmp_path, train, test):
    for part, image in ((train, IMAGES[0]), (test, IMAGES[1])):
        (tmp_path / "mnist_png" / part / "7").mkdir(parents=True)
        Image.fromarray(image).save(tmp_path / "mnist_png" / part / "7" / "a.png")
    loaded = load(tmp_path)  # the folder around it is looked through
    assert np.array_equal(loaded.data.images, IMAGES[:1])
    assert np.array_equal(loaded.test.images, IMAGES[1:2])


def test_a_third_part_is_refused_by_name(tmp_path):
    for part in ("train", "val"):
        (tmp_path / part / "7").mkdir(parents=True)
    with pytest.raises(DataError, match="the folders train, val"):
        load(tmp_path)


def test_normalise_is_asked_for_each_image_of_any_format(class_folder, tmp_path_factory):
    Image.new("L", (5, 2)).save(class_folder / "3" / "wide.png")
    file = tmp_path_factory.mktemp("arrays") / "mine.npz"
    np.savez(file, images=IMAGES, labels=LABELS)
    for path, count in ((class_folder, 5), (file, 4)):
        images = load(path, lambda picture: np.full((3, 3), picture.width, np.uint8)).data.images
        assert images.shape == (count, 3, 3)
        assert set(np.unique(images)) <= {3, 5}
