import numpy as np
import pytest
from scipy.io import savemat

from tinydigits.data import file_bytes
from tinydigits.data.files import load
from tinydigits.errors import DataError, FileFormatError

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 5, 5)).astype(np.uint8)
LABELS = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8])


def test_mnist_original_is_read_whose_images_are_columns(tmp_path):
    savemat(tmp_path / "mnist-original.mat", {"data": IMAGES.reshape(12, 25).T, "label": LABELS[None].astype(float)})
    data = load(tmp_path / "mnist-original.mat").data
    assert np.array_equal(data.images, IMAGES)
    assert data.labels.tolist() == LABELS.tolist()


@pytest.mark.parametrize("compressed", [False, True])
def test_emnists_file_is_read_with_its_test_images_and_left_as_it_is(tmp_path, compressed):
    parts = {
        name: {"images": IMAGES[:count].reshape(count, 25), "labels": LABELS[:count, None]}
        for name, count in (("train", 12), ("test", 5))
    }
    savemat(tmp_path / "emnist-digits.mat", {"dataset": parts}, do_compression=compressed)
    loaded = load(tmp_path / "emnist-digits.mat")
    assert np.array_equal(loaded.data.images, IMAGES)
    assert loaded.test.labels.tolist() == LABELS[:5].tolist()


def test_a_file_that_inflates_beyond_the_limit_is_refused_before_scipy_reads_it(tmp_path, monkeypatch):
    path = tmp_path / "bomb.mat"
    savemat(path, {"images": np.zeros((12, 500, 500), np.uint8), "labels": LABELS}, do_compression=True)
    assert load(path).data.images.shape == (12, 500, 500)
    monkeypatch.setattr(file_bytes, "ALWAYS_ALLOWED", 1000)
    with pytest.raises(DataError, match="compressed ones; expected at most"):
        load(path)


@pytest.mark.parametrize("content", [b"", b"MATLAB 7.3 MAT-file" + bytes(105) + b"\x00\x02IM" + bytes(400), b"x" * 300])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "odd.mat").write_bytes(content)
    with pytest.raises(FileFormatError, match=r"a whole \.mat"):
        load(tmp_path / "odd.mat")


def test_names_that_say_nothing_are_refused(tmp_path):
    savemat(tmp_path / "odd.mat", {"a": IMAGES})
    with pytest.raises(FileFormatError, match="the arrays a;"):
        load(tmp_path / "odd.mat")
