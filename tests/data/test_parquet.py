import io
import re
import sys

import numpy as np
import pytest
from PIL import Image

from tinydigits.data.files import load
from tinydigits.data.parquet import load_parquet
from tinydigits.errors import (
    EmptyDataError,
    FileFormatError,
    ImageShapeError,
    LabelError,
    MissingDependencyError,
    PictureError,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 5, 5)).astype(np.uint8)
LABELS = [3, 1, 4, 1, 5, 9]


def png(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def save(path, images=None, labels=LABELS, names=("image", "label")):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    images = [{"bytes": png(image), "path": None} for image in IMAGES] if images is None else images
    parquet.write_table(pyarrow.table([images, labels], names=names), path)
    return path


def test_pictures_are_read_as_hugging_face_stores_them(tmp_path):
    for images in (None, [png(image) for image in IMAGES]):
        data = load(save(tmp_path / "digits.parquet", images)).data
        assert np.array_equal(data.images, IMAGES)
        assert data.labels.tolist() == LABELS


def test_a_folder_of_several_files_is_one_set_with_its_test_images(tmp_path):
    for name in ("train-00000-of-00002", "train-00001-of-00002", "test-00000-of-00001"):
        save(tmp_path / f"{name}.parquet")
    loaded = load(tmp_path)
    assert loaded.data.labels.tolist() == LABELS * 2
    assert len(loaded.test) == 6


def test_pictures_of_several_sizes_need_normalise(tmp_path):
    path = save(tmp_path / "mixed.parquet", [*map(png, IMAGES[:5]), png(IMAGES[5, :4])])
    with pytest.raises(ImageShapeError, match=r"row 5: found 5 × 4 pixels.*--normalise"):
        load(path)
    assert load(path, lambda picture: np.zeros((3, 3), np.uint8)).data.images.shape == (6, 3, 3)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"names": ("picture", "label")}, FileFormatError, "the columns picture, label"),
        ({"images": [b"no picture"] * 6}, PictureError, "row 0: found no picture"),
        ({"images": ["a.png"] * 6}, PictureError, "an image of type str"),
        ({"images": [{"bytes": None, "path": "a.png"}] * 6}, PictureError, "an image of type NoneType"),
        ({"labels": [12] * 6}, LabelError, "label 12"),
        ({"labels": ["a"] * 6}, LabelError, "labels of type <U1"),
    ],
)
def test_other_columns_are_refused(tmp_path, changes, error, message):
    with pytest.raises(error, match=message):
        load(save(tmp_path / "odd.parquet", **changes))


def test_a_damaged_file_is_refused(tmp_path):
    pytest.importorskip("pyarrow")
    (tmp_path / "odd.parquet").write_bytes(b"PAR1 and more")
    with pytest.raises(FileFormatError, match="pyarrow cannot read"):
        load(tmp_path / "odd.parquet")


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    (tmp_path / "digits.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'tinydigits\[parquet\]'"):
        load(tmp_path / "digits.parquet")


def test_a_fault_among_several_files_is_said_of_their_folder_and_of_one_by_its_name(tmp_path):
    one, other = tmp_path / "train-00000-of-00002.parquet", tmp_path / "train-00001-of-00002.parquet"
    for labels, error, message in (
        ([1, 2, 3, 4, 5, 12], LabelError, "found label 12"),
        ([], EmptyDataError, "found no rows"),
    ):
        images = [png(image) for image in IMAGES[: len(labels)]]
        save(one, images, labels)
        with pytest.raises(error, match=f"^{re.escape(str(one))}: {message}"):
            load_parquet([one])
        save(other, images, labels)
        with pytest.raises(error, match=f"^{re.escape(str(tmp_path))}: {message}"):
            load_parquet([one, other])
    save(other)
    assert load_parquet([one, other]).name == str(tmp_path)
    assert load_parquet([other]).name == str(other)
