"""The results of a sweep: one Parquet file, a row a run, which is whole at every moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tinydigits.errors import OutputError
from tinydigits.recipes.recipe import AnyRecipe
from tinydigits.recipes.settings import arrow_types, settings_of
from tinydigits.system.atomic import new_file
from tinydigits.system.parquet import pyarrow_for

# Columns before and after those of the settings, with their Arrow types.
BEFORE = {"identity": "string", "recipe": "string", "seed": "int64"}
AFTER = {
    "engine": "string",
    "parameters": "int64",
    "train_accuracy": "double",
    "validation_accuracy": "double",
    "validation_loss": "double",
    "test_accuracy": "double",
    "fit_seconds": "double",
    "seconds": "double",
    "error": "string",
}

# Column → value; columns that are missing are null.
Row = dict[str, Any]


class Results:
    """A results file and its rows. A row is known by its identity, or, where that is null, by all that was asked for.

    Null is the identity of a run with code of the user's own in its model, and of one whose process was killed: they
    are done again.

    Raises:
        MissingDependencyError: pyarrow is not installed.
        OutputError: there is something else of that name.
    """

    def __init__(self, path: Path, recipe: AnyRecipe) -> None:
        self.path = path
        self._types, rows = read(path) if path.exists() else ({}, [])
        self._types |= arrow_types(recipe)
        self._rows: dict[object, Row] = {key_of(row): row for row in rows}

    def find(self, identities: Sequence[str]) -> Row | None:
        """The row of a run with one of the identities."""
        return next((self._rows[each] for each in identities if each in self._rows), None)

    def row(self, asked: Row, identities: Sequence[str]) -> Row:
        """The row of a run that has ended."""
        return self.find(identities) or self._rows[asked_for(asked)]

    def put(self, rows: Iterable[Row]) -> None:
        """Adds rows, each in the place of one that is known by the same, and writes the file."""
        for row in rows:
            self._rows.pop(asked_for(row), None)
            self._rows[key_of(row)] = row
        write(self.path, self._types, list(self._rows.values()))


def read(path: Path) -> tuple[dict[str, str], list[Row]]:
    """The Arrow types of the settings' columns, and the rows."""
    pyarrow, parquet = pyarrow_for(path)
    try:
        with parquet.ParquetFile(path) as file:
            table = file.read()
    except (pyarrow.ArrowException, OSError) as error:
        raise foreign(path, f"a file that pyarrow cannot read ({error})") from error
    if not {*BEFORE, *AFTER} <= set(table.schema.names):
        raise foreign(path, f"the columns {', '.join(table.schema.names)}")
    types = {field.name: str(field.type) for field in table.schema if field.name not in {*BEFORE, *AFTER}}
    return types, table.to_pylist()


def foreign(path: Path, found: str) -> OutputError:
    return OutputError(path, found=found, expected="the results of a sweep", fix="Choose another folder.")


def write(path: Path, types: dict[str, str], rows: list[Row]) -> None:
    pyarrow, parquet = pyarrow_for(path)
    fields = {**BEFORE, **types, **AFTER}
    schema = pyarrow.schema([(name, pyarrow.type_for_alias(kind)) for name, kind in fields.items()])
    with new_file(path) as file:
        parquet.write_table(pyarrow.Table.from_pylist(rows, schema), file)


def key_of(row: Row) -> object:
    return row["identity"] or asked_for(row)


def asked_for(row: Row) -> object:
    """What was asked for: recipe, seed and settings."""
    outcome = {"identity", *AFTER}
    return frozenset((name, value) for name, value in row.items() if name not in outcome and value is not None)


def described(text: str, recipe: AnyRecipe, seed: int) -> Row:
    """The columns that say what is trained: every setting, so that rows of different sweeps can be told apart."""
    return {"identity": None, "recipe": text, "seed": seed, **settings_of(recipe)}
