"""Which picture files a folder or a pattern stands for."""

import os
from collections.abc import Iterable, Iterator
from glob import glob, has_magic
from pathlib import Path

from tinydigits.data.class_folders import is_visible
from tinydigits.data.pictures import SUFFIXES
from tinydigits.errors import PictureError


def picture_names(arguments: Iterable[str]) -> list[str]:
    """The files that arguments stand for, in order: of a folder, all pictures in it at any depth, by name.

    A pattern, such as `scans/**/*.png`, stands for the files of that form, by name; a name that is neither folder nor
    pattern for itself, whether there is such a file or not.

    Raises:
        PictureError: a folder without pictures, or one that cannot be read; a pattern of which there are no files.
    """
    return [name for argument in arguments for name in names_of(argument)]


def names_of(argument: str) -> list[str]:
    path = Path(argument)
    try:
        if path.is_dir():
            return some(list(pictures_in(path)), argument, f"files that end in {', '.join(SUFFIXES)}")
        if has_magic(argument) and not path.exists():
            names = glob(argument, recursive=True)  # noqa: PTH207 (of absolute patterns, too)
            return some(
                sorted(name for name in names if Path(name).is_file()), argument, "a pattern of files that there are"
            )
    except OSError as error:
        words = f"a folder that cannot be read ({error.strerror})"
        raise PictureError(error.filename or argument, found=words, expected="pictures in it") from error
    except ValueError:  # a name with a zero byte
        pass
    return [argument]


def pictures_in(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        found = sorted((entry.name, entry.is_dir()) for entry in entries if is_visible(entry.name))
    for name, is_folder in found:
        if is_folder:
            yield from pictures_in(folder / name)
        elif name.lower().endswith(SUFFIXES):
            yield os.path.join(folder, name)  # noqa: PTH118 (a million of Path objects would take their memory)


def some(names: list[str], argument: str, expected: str) -> list[str]:
    if not names:
        raise PictureError(argument, found="no pictures", expected=expected)
    return names
