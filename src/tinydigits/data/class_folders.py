"""Reads folders of pictures, one sub-folder per digit."""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from tinydigits.data.dataset import Dataset
from tinydigits.data.loaded import Normalise
from tinydigits.data.pictures import SUFFIXES, read_picture, same_size
from tinydigits.errors import EmptyDataError, LabelError

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# Matches "7", "07", "digit_7", "class-07" and the like.
NUMBERED = re.compile(r"(?:(?:digit|class|label|number)s?[ _-]?)?0*([0-9])")
# Files and folders that systems and archivers leave behind. Names that begin with a dot are ignored as well.
LEFT_BEHIND = ("__macosx", "thumbs.db", "desktop.ini")


def visible(folder: Path) -> list[Path]:
    """Returns what is in a folder, in the order of names, without what systems leave behind."""
    return sorted(entry for entry in folder.iterdir() if is_visible(entry.name))


def is_visible(name: str) -> bool:
    return name[0] != "." and name.lower() not in LEFT_BEHIND


def digit_of(name: str) -> int | None:
    """Returns the digit that a folder's name means: 0 for "0", "00", "zero" and "digit_0"; None if it means none."""
    word = re.sub(r"^(?:digit|class|label|number)s?[ _-]", "", name.lower())
    if word in WORDS:
        return WORDS.index(word)
    number = NUMBERED.fullmatch(name.lower())
    return int(number[1]) if number else None


def load_classes(path: Path, normalise: Normalise | None = None) -> Dataset:
    """Reads the pictures in sub-folders that are named after digits; their ink must be bright, on black.

    Raises:
        LabelError: a sub-folder's name means no digit.
        EmptyDataError: there are no pictures.
        ImageShapeError: the pictures have several sizes, and `normalise` is None.
        PictureError: a picture cannot be decoded.
    """
    folders = [entry for entry in visible(path) if entry.is_dir()]
    found = [
        (digit_in(folder), file) for folder in sorted(folders, key=digit_in) for file in pictures_in(visible(folder))
    ]
    if not found:
        raise EmptyDataError(
            path,
            found="no pictures",
            expected="a data file, or sub-folders named after digits with pictures in them",
            fix="Check the path.",
        )
    images = same_size(((read_picture(file), file) for _, file in found), normalise)
    return Dataset(images, np.array([digit for digit, _ in found], np.int64), str(path))


def digit_in(folder: Path) -> int:
    digit = digit_of(folder.name)
    if digit is None:
        raise LabelError(
            folder, found="a sub-folder of that name", expected="0 to 9, one per class", fix="Rename or move it."
        )
    return digit


def pictures_in(entries: Iterable[Path]) -> list[Path]:
    return [entry for entry in entries if entry.suffix.lower() in SUFFIXES and entry.is_file()]
