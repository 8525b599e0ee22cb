"""Reads a data set from disk, whatever its format: a file, or a folder of files or of pictures.

The format is known by names. `docs/data.md` lists what is read.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tinydigits.arrays import UInt8Images
from tinydigits.data.arrays_on_disk import IMAGES_WORD, load_npy, load_npz
from tinydigits.data.class_folders import digit_of, load_classes, visible
from tinydigits.data.file_bytes import check_regular
from tinydigits.data.idx_pairs import IMAGES_NAME, load_idx
from tinydigits.data.loaded import Loaded, Normalise, Part
from tinydigits.data.matlab import load_mat
from tinydigits.data.parquet import load_parquet
from tinydigits.data.tables import load_csv
from tinydigits.errors import DataError, FileFormatError

FORMATS_HELP = (
    "an IDX images file with its labels beside it (plain or .gz), a .npz, a pair of .npy, a .csv, a .parquet, a .mat, "
    "a folder of these, or a folder with the sub-folders 0 to 9"
)
# The ends of file names, and their formats, in the order in which a folder is searched for them.
ENDS = {".npy": "npy", ".parquet": "parquet", ".csv": "csv", ".csv.gz": "csv", ".npz": "npz", ".mat": "mat"}
# Matches files of Python objects. Whoever reads one runs the code inside it.
PICKLE = re.compile(r"\.(?:pkl|pickle|pt|pth|joblib)(?:\.gz|\.bz2|\.xz)?$", re.IGNORECASE)
# Matches names of test images: t10k-images, mnist_test.csv, testing, testSet.
TEST_NAME = re.compile(r"(?<![a-z])(?:t10k|test(?:ing|[ _-]?set)?)(?![a-z])", re.IGNORECASE)
# Matches names of folders of training images: train, training, trainingSet.
TRAIN_NAME = re.compile(r"train(?:ing)?(?:[ _-]?(?:set|images))?", re.IGNORECASE)
# Matches names of folders of images to validate on.
VALIDATION_NAME = re.compile(r"val(?:id(?:ation)?)?(?:[ _-]?set)?", re.IGNORECASE)
# Matches the number of one of several files that are one set: train-00000-of-00002.parquet.
SHARD = re.compile(r"-\d+-of-\d+\.parquet$")


def load(path: Path, normalise: Normalise | None = None) -> Loaded:
    """Reads the data set at `path`.

    Args:
        path: a file or a folder in one of the formats that `docs/data.md` lists.
        normalise: converts each picture to one size; without it, all must have the same size.

    Raises:
        DataError: the files are missing, damaged, or not a data set; the error's subclass says which.
        PictureError: a picture cannot be decoded.
        MissingDependencyError: the file is Parquet, and pyarrow is not installed.
    """
    if not path.exists():
        raise DataError(path, found="no such file or folder", expected=FORMATS_HELP, fix="Check the path.")
    try:
        return load_folder(path, normalise) if path.is_dir() else load_files([path], normalise)
    except OSError as error:
        raise DataError(
            path,
            found=f"a file that cannot be read ({error})",
            expected="a readable file",
            fix="Check its permissions, or fetch it again.",
        ) from error


def load_files(files: Sequence[Path], normalise: Normalise | None) -> Loaded:
    """Reads one file, or several that are one set in parts."""
    kind = format_of(files[0].name)
    if kind == "parquet":
        return Loaded(load_parquet(files, normalise))
    readers = {"idx": load_idx_set, "npy": load_npy, "csv": load_csv_set, "npz": load_npz, "mat": load_mat}
    if kind not in readers:
        raise unknown_format(files[0])
    loaded = readers[kind](files[0])
    return loaded if normalise is None else loaded.changed(lambda images: each_normalised(images, normalise))


def load_idx_set(path: Path) -> Loaded:
    return Loaded(load_idx(path))


def load_csv_set(path: Path) -> Loaded:
    return Loaded(load_csv(path))


def each_normalised(images: UInt8Images, normalise: Normalise) -> UInt8Images:
    squeezed = images[..., 0] if images.shape[3:] == (1,) else images
    return np.stack([normalise(Image.fromarray(image)) for image in squeezed])


def format_of(name: str) -> str | None:
    """Returns the format that a file's name states; None if it states none that is read."""
    if IMAGES_NAME.search(name):
        return "idx"
    return next((kind for end, kind in ENDS.items() if name.lower().endswith(end)), None)


def unknown_format(path: Path) -> FileFormatError:
    """Returns the error for a file of another format; for one of Python objects, it says how to convert it."""
    check_regular(path)
    if not PICKLE.search(path.name):
        return FileFormatError(
            path,
            found=f"a file called {path.name}",
            expected=FORMATS_HELP,
            fix="Give the images file of an IDX pair a name like train-images-idx3-ubyte.",
        )
    return FileFormatError(
        path,
        found="a file of Python objects, which runs the code inside it when it is read",
        expected=FORMATS_HELP,
        fix="If you trust it, read it in Python and write numpy.savez_compressed('digits.npz', images=…, labels=…).",
    )


def load_folder(path: Path, normalise: Normalise | None) -> Loaded:
    """Reads a folder of files in one format, of two parts, of one sub-folder per digit, or around one such folder."""
    entries = visible(path)
    folders = [entry for entry in entries if entry.is_dir()]
    files = data_files([entry for entry in entries if entry.is_file()])
    if files:
        return load_parts(path, files, normalise)
    if parts := parts_among(folders):
        return load_part_folders(parts, normalise)
    if len(folders) == 1 and digit_of(folders[0].name) is None:
        return load_folder(folders[0], normalise)
    pickles = [entry for entry in entries if PICKLE.search(entry.name) and entry.is_file()]
    if pickles and not folders:
        raise unknown_format(pickles[0])
    return Loaded(load_classes(path, normalise))


def data_files(files: Sequence[Path]) -> list[Path]:
    """Returns the files in the first format of which there are any; one file of those stored plain and as .gz."""
    found = [(format_of(file.name), file) for file in files]
    images = [(kind, file) for kind, file in found if kind != "npy" or IMAGES_WORD.search(file.name)]
    chosen = next((kind for kind in ("idx", *ENDS.values()) if kind in dict(images)), None)
    names = {file.name for _, file in images}
    return [
        file
        for kind, file in images
        if kind is not None and kind == chosen and (file.suffix != ".gz" or file.name.removesuffix(".gz") not in names)
    ]


def load_parts(path: Path, files: Sequence[Path], normalise: Normalise | None) -> Loaded:
    """Reads files of one format: at most one set to train, and one to test."""
    test = [file for file in files if TEST_NAME.search(file.name)]
    train = [file for file in files if file not in test]
    for part in (train, test):
        if len(part) > 1 and not all(SHARD.search(file.name) for file in part):
            raise DataError(
                path,
                found=f"{len(train)} {format_name(files)} files of images, and {len(test)} named t10k… or test…",
                expected="one to train, and at most one to test",
                fix="Give the path of one images file.",
            )
    if not (train and test):
        return load_files(train or test, normalise)
    return Loaded(load_files(train, normalise).data, load_files(test, normalise).data)


def format_name(files: Sequence[Path]) -> str:
    return str(format_of(files[0].name)).upper()


def parts_among(folders: Sequence[Path]) -> dict[Part, Path]:
    """Returns the folders named train… and test…, if there is any of them.

    Raises:
        DataError: there is a folder of images to validate on, or more than one folder of a part.
    """
    train = [folder for folder in folders if TRAIN_NAME.fullmatch(folder.name)]
    test = [folder for folder in folders if TEST_NAME.fullmatch(folder.name)]
    others = [folder for folder in folders if VALIDATION_NAME.fullmatch(folder.name)]
    if not (train or test):
        return {}
    if others or len(train) > 1 or len(test) > 1:
        names = ", ".join(folder.name for folder in (*train, *test, *others))
        raise DataError(
            folders[0].parent,
            found=f"the folders {names}",
            expected="one folder to train, and at most one to test; a twelfth of the training images validates",
            fix="Move the images of other parts into one of the two, or elsewhere.",
        )
    return {**({"train": train[0]} if train else {}), **({"test": test[0]} if test else {})}


def load_part_folders(parts: Mapping[Part, Path], normalise: Normalise | None) -> Loaded:
    """Reads the folders of a set's parts as one set."""
    loaded = {part: load_folder(folder, normalise) for part, folder in parts.items()}
    if len(loaded) == 1:
        return next(iter(loaded.values()))
    return Loaded(loaded["train"].data, loaded["test"].data)
