import os

import pytest

from tinydigits.data.picture_names import picture_names
from tinydigits.errors import PictureError


@pytest.fixture
def tree(empty_folder):
    for name in ("b.png", "a.JPG", "notes.txt", ".hidden.png", "deep/er/c.tif", "deep/d.gif", "10.png", "9.png"):
        path = empty_folder / "scans" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return empty_folder


def test_a_folder_stands_for_its_pictures_at_any_depth_by_name(tree):
    expected = ["10.png", "9.png", "a.JPG", "b.png", "deep/d.gif", "deep/er/c.tif"]
    assert picture_names(["scans"]) == [f"scans/{name}" for name in expected]


def test_a_pattern_stands_for_files_of_that_form_whatever_their_ending(tree):
    assert picture_names(["scans/*.*"]) == [
        f"scans/{name}" for name in ("10.png", "9.png", "a.JPG", "b.png", "notes.txt")
    ]
    assert picture_names([str(tree / "scans" / "**" / "*.tif")]) == [str(tree / "scans" / "deep" / "er" / "c.tif")]


def test_other_names_stand_for_themselves_in_the_order_given(tree):
    odd = tree / "[1].png"
    odd.touch()
    given = ["scans/notes.txt", "gone.png", "-", "[1].png", "a\0b"]
    assert picture_names(given) == given


@pytest.mark.parametrize("argument", ["empty", "*.webp", "scans/deep/*.png"])
def test_a_folder_or_pattern_without_pictures_is_an_error(tree, argument):
    (tree / "empty").mkdir()
    with pytest.raises(PictureError, match="found no pictures"):
        picture_names([argument])


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_that_cannot_be_read_is_an_error(tree):
    (tree / "scans" / "deep").chmod(0)
    with pytest.raises(PictureError, match="found a folder that cannot be read"):
        picture_names(["scans"])
