"""Reads tables of pixels, one image a row: CSV in the form that Kaggle uses, plain or .gz."""

import csv
import io
from math import isqrt
from pathlib import Path

import numpy as np

from tinydigits.arrays import Float32Array
from tinydigits.data.dataset import CLASSES, Dataset
from tinydigits.data.file_bytes import unzipped
from tinydigits.data.plain import is_whole, plain_dataset
from tinydigits.errors import EmptyDataError, FileFormatError

# Names, in a header, of the column of labels.
LABEL_NAMES = ("label", "labels", "class", "digit", "target", "y")
# Names, in a header, of a column that only counts the rows.
COUNTER_NAMES = ("", "id", "index", "unnamed: 0")
DELIMITERS = ",;\t"


def load_csv(path: Path) -> Dataset:
    """Reads a CSV of one label and the pixels of a square image in each row, with or without a header.

    The header names the column of labels, or it is the first or the last column, whichever holds only classes.

    Raises:
        FileFormatError: the text is no such table.
        EmptyDataError: it has no rows.
        DataError: its values are no images or labels.
    """
    return parse_csv(unzipped(path), path)


def parse_csv(data: bytes, path: Path) -> Dataset:
    """Parses the bytes of a CSV file; see `load_csv`."""
    text = decoded(data, path)
    start = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(DELIMITERS, key=start.count)
    header = header_in(start, delimiter)
    values = numbers(text, delimiter, header is not None, path)
    if header is not None and len(header) != values.shape[1]:
        raise not_this_form(path, f"{len(header)} names in the header and {values.shape[1]} values in each row")
    column = label_column(values, header, path)
    others = [
        index for index in range(values.shape[1]) if index != column and not (header and header[index] in COUNTER_NAMES)
    ]
    if isqrt(len(others)) ** 2 != len(others) or len(others) < 4:
        raise not_this_form(path, f"{len(others)} columns beside the labels, which are no square image")
    return plain_dataset(values[:, others], values[:, column], str(path))


def decoded(data: bytes, path: Path) -> str:
    try:
        text = data.decode("utf-8-sig").lstrip()
    except UnicodeDecodeError as error:
        raise not_this_form(path, f"bytes that are no text (at {error.start:,})") from error
    if not text:
        raise EmptyDataError(path, found="an empty table", expected="one image a row", fix="Check the file.")
    return text


def header_in(line: str, delimiter: str) -> list[str] | None:
    """Returns the names in the first line in lower case, or None if all its cells are numbers."""
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # a cell longer than Python's limit
        return None
    return None if all(map(is_number, cells)) else [cell.strip().lower() for cell in cells]


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def numbers(text: str, delimiter: str, has_header: bool, path: Path) -> Float32Array:
    """Returns the table's numbers, float32 [rows, columns]."""
    lines = io.StringIO(text)
    if has_header:
        lines.readline()
    if lines.tell() >= len(text.rstrip()):
        raise EmptyDataError(path, found="a header alone", expected="one image a row", fix="Check the file.")
    try:
        return np.loadtxt(lines, np.float32, comments=None, delimiter=delimiter, quotechar='"', ndmin=2)
    except ValueError as error:
        raise not_this_form(path, f"a row that is not like the others ({str(error).split(';')[0]})") from error


def label_column(values: Float32Array, header: list[str] | None, path: Path) -> int:
    """Returns which column holds the labels."""
    named = [index for index, name in enumerate(header or []) if name in LABEL_NAMES]
    if len(named) == 1:
        return named[0]
    last = values.shape[1] - 1
    classes = {column: number_of_classes(values[:, column]) for column in (0, last)}
    best = max(classes, key=lambda column: classes[column])  # a corner of the image may hold only zeros: one class
    if isqrt(last + 1) ** 2 == last + 1:
        raise not_this_form(path, f"{last + 1} columns, which are the pixels of a square image without a label")
    if isqrt(last) ** 2 != last or classes[best] == 0:
        raise not_this_form(path, f"{last + 1} columns, of which neither the first nor the last holds the labels")
    if min(classes.values()) > 1 and classes[0] == classes[last]:
        raise not_this_form(path, "a first and a last column that could both be the labels")
    return best


def number_of_classes(column: Float32Array) -> int:
    """Returns how many classes a column holds; 0 if it holds anything that is no class."""
    whole = np.isfinite(column).all() and column.min() >= 0 and column.max() <= CLASSES and is_whole(column)
    return len(np.unique(column)) if whole else 0


def not_this_form(path: Path, found: str) -> FileFormatError:
    return FileFormatError(
        path,
        found=found,
        expected="a label and the pixels of a square image in each row, such as 784",
        fix="Name the column of labels `label` in a header; images without labels, as a contest's test images, "
        "cannot be scored.",
    )
