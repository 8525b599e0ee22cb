import numpy as np
import pytest
from PIL import Image

from tinydigits.data.class_folders import digit_of
from tinydigits.data.files import load
from tinydigits.errors import ImageShapeError


@pytest.mark.parametrize(
    ("name", "digit"),
    [
        ("0", 0),
        ("00", 0),
        ("07", 7),
        ("zero", 0),
        ("Seven", 7),
        ("digit_4", 4),
        ("digit-nine", 9),
        ("class 3", 3),
        ("label5", 5),
        ("10", None),
        ("zeros", None),
        ("a", None),
        ("digit", None),
        ("", None),
    ],
)
def test_the_name_of_a_folder_means_a_digit_or_none(name, digit):
    assert digit_of(name) == digit


def test_what_systems_leave_behind_is_no_data(tmp_path):
    for name in ("three", "__MACOSX/three", ".cache"):
        (tmp_path / name).mkdir(parents=True)
    Image.new("L", (4, 4)).save(tmp_path / "three" / "a.png")
    for name in ("three/._a.png", "three/Thumbs.db", "__MACOSX/three/._a.png", ".DS_Store", ".cache/b.png"):
        (tmp_path / name).write_bytes(b"left behind")
    assert load(tmp_path).data.labels.tolist() == [3]


def test_pictures_of_several_sizes_need_an_option_which_is_named(tmp_path):
    (tmp_path / "3").mkdir()
    for side in (4, 5):
        Image.new("L", (side, side)).save(tmp_path / "3" / f"{side}.png")
    with pytest.raises(ImageShapeError, match=r"5 × 5 pixels; expected 4 × 4.*--normalise"):
        load(tmp_path)


def test_white_ink_on_transparency_is_read(tmp_path):
    (tmp_path / "1").mkdir()
    strokes = np.full((28, 28, 4), 255, np.uint8)
    strokes[..., 3] = 0
    strokes[4:24, 14, 3] = 255
    Image.fromarray(strokes).save(tmp_path / "1" / "a.png")
    (image,) = load(tmp_path).data.images
    assert image.max() == 255
    assert (image > 0).sum() == 20


def test_only_files_with_a_pictures_ending_are_read(tmp_path):
    (tmp_path / "4" / "folder.png").mkdir(parents=True)
    (tmp_path / "4" / "notes.txt").write_text("no picture")
    Image.new("L", (4, 4)).save(tmp_path / "4" / "a.PNG", "PNG")
    assert load(tmp_path).data.labels.tolist() == [4]
