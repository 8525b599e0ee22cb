"""Reads Parquet as Hugging Face's data sets use it: a column of pictures and a column of labels. Needs pyarrow."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinydigits.data.dataset import Dataset, check_labels
from tinydigits.data.file_bytes import allowed_length, check_regular, too_long
from tinydigits.data.loaded import Normalise
from tinydigits.data.pictures import decode, same_size
from tinydigits.data.plain import plain_labels
from tinydigits.errors import EmptyDataError, FileFormatError, PictureError
from tinydigits.system.parquet import pyarrow_for

COLUMNS = ("image", "label")


def load_parquet(files: Sequence[Path], normalise: Normalise | None = None) -> Dataset:
    """Reads the columns `image` (PNG or another picture's bytes) and `label` of one file, or of several in order.

    Raises:
        MissingDependencyError: pyarrow is not installed.
        FileFormatError: a file is damaged, or has other columns.
        DataError: the content is above the limit, or no data set.
        PictureError: a picture cannot be decoded.
    """
    whole = str(files[0] if len(files) == 1 else files[0].parent)
    rows = [row for file in files for row in rows_of(file)]
    if not rows:
        raise EmptyDataError(whole, found="no rows", expected="one image a row", fix="Check the file.")
    labels = plain_labels(np.array([label for _, label, _ in rows]), len(rows), whole)
    check_labels(labels, whole)
    images = same_size(((decode(data, name), name) for data, _, name in rows), normalise)
    return Dataset(images, labels, whole)


def rows_of(path: Path) -> list[tuple[bytes, Any, str]]:
    """Returns each row's picture, label and name."""
    check_regular(path)
    columns = columns_of(path)
    return [
        (bytes_in(cell, f"{path}, row {row}"), label, f"{path}, row {row}")
        for row, (cell, label) in enumerate(zip(*columns, strict=True))
    ]


def columns_of(path: Path) -> list[list[Any]]:
    """Reads the two columns as Python values, after checking how long they are."""
    pyarrow, parquet = pyarrow_for(path)
    try:
        with parquet.ParquetFile(path) as file:
            length = sum(file.metadata.row_group(index).total_byte_size for index in range(file.num_row_groups))
            if length > allowed_length(path.stat().st_size):
                raise too_long(path, f"{length:,} bytes when read", allowed_length(path.stat().st_size))
            missing = [name for name in COLUMNS if name not in file.schema_arrow.names]
            if missing:
                raise not_this_form(path, f"the columns {', '.join(file.schema_arrow.names)}")
            table = file.read(columns=list(COLUMNS))
        return [table.column(name).to_pylist() for name in COLUMNS]
    except (pyarrow.ArrowException, OSError) as error:
        raise not_this_form(path, f"a file that pyarrow cannot read ({error})") from error


def bytes_in(cell: Any, name: str) -> bytes:
    """Returns the bytes of a picture: of a cell itself, or of the field `bytes` in it."""
    data = cell.get("bytes") if isinstance(cell, dict) else cell
    if not isinstance(data, bytes):
        raise PictureError(
            name,
            found=f"an image of type {type(data).__name__}",
            expected="the bytes of a picture file",
            fix="Save the pictures inside the file, as PNG.",
        )
    return data


def not_this_form(path: Path, found: str) -> FileFormatError:
    return FileFormatError(
        path,
        found=found,
        expected="a Parquet file with the columns image and label",
        fix="Rename the columns, or fetch the file again.",
    )
