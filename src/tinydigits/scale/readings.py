"""Readings as rows of a Parquet file, a row a picture: what `read --json` prints of it, or its error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tinydigits.system.atomic import new_file
from tinydigits.system.parquet import pyarrow_for

Row = Mapping[str, Any]
# What the file's metadata call the key that readings are known by.
KEY = "tinydigits.readings"


def schema() -> Any:
    """The columns; boxes are [left, top, width, height] in the picture's own pixels."""
    pyarrow, _ = pyarrow_for("readings")
    box = pyarrow.list_(pyarrow.int32())
    digit = {"digit": pyarrow.int8(), "confidence": pyarrow.float64(), "box": box}
    mark = {"box": box, "score": pyarrow.float64(), "reason": pyarrow.string(), "sign": pyarrow.string()}
    columns = {
        "file": pyarrow.string(),
        "text": pyarrow.string(),
        "digits": pyarrow.list_(pyarrow.struct(digit)),
        "rejected": pyarrow.list_(pyarrow.struct(mark)),
        "doubtful": pyarrow.bool_(),
        "runner_up": pyarrow.string(),
        "error": pyarrow.string(),
    }
    return pyarrow.schema(columns)


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Writes a part of the readings, in one step."""
    pyarrow, parquet = pyarrow_for(path)
    with new_file(path) as file:
        parquet.write_table(pyarrow.Table.from_pylist([encodable(row) for row in rows], schema()), file)


def encodable(row: Row) -> Row:
    """A row whose texts are UTF-8: a file's name may hold bytes that are no characters here."""
    texts = {
        name: row[name].encode("utf-8", "backslashreplace").decode() for name in ("file", "error") if row.get(name)
    }
    return {**row, **texts}


def join(parts: Iterable[Path], path: Path, key: str) -> None:
    """Writes the rows of parts to one file, in order; in memory is only a part at a time.

    Args:
        key: what the readings are known by; `key_of` finds it again.
    """
    _, parquet = pyarrow_for(path)
    named = schema().with_metadata({KEY: key})
    with new_file(path) as file, parquet.ParquetWriter(file, named) as writer:
        for part in parts:
            with parquet.ParquetFile(part) as source:
                writer.write_table(source.read().cast(named))


def key_of(path: Path) -> str | None:
    """What readings in a file are known by; None where it holds none of ours."""
    pyarrow, parquet = pyarrow_for(path)
    try:
        with parquet.ParquetFile(path) as file:
            found = file.schema_arrow.metadata or {}
    except (pyarrow.ArrowException, OSError):
        return None
    key = found.get(KEY.encode())
    return key and key.decode()


def counts(path: Path) -> dict[str, int]:
    """How many pictures there are in a file of readings, how many could not be read, and how many digits."""
    _, parquet = pyarrow_for(path)
    pictures = failed = digits = 0
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=["digits.list.element.digit", "error"]):
            pictures += len(batch)
            failed += len(batch) - batch.column("error").null_count
            digits += len(batch.column("digits").flatten())
    return {"pictures": pictures, "failed": failed, "digits": digits}
