"""Parquet files, by pyarrow, which is an extra."""

from __future__ import annotations

from typing import Any

from tinydigits.errors import MissingDependencyError


def pyarrow_for(subject: object) -> tuple[Any, Any]:
    """Returns `pyarrow` and `pyarrow.parquet`.

    Raises:
        MissingDependencyError: they are not installed; the message is about `subject`.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingDependencyError(
            subject,
            found="no pyarrow, which reads and writes Parquet",
            expected="it to be installed",
            fix="Install it: pip install 'tinydigits[parquet]'",
        ) from error
    return pyarrow, parquet
