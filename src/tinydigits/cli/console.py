"""What the commands have in common: JSON on stdout, tables on stdout, notes on stderr."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2))


def note(message: str) -> None:
    """A warning or hint, on stderr."""
    click.echo(f"note: {message}", err=True)


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns apart by two spaces: the first flush left, the others flush right."""
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for line in lines:
        cells = [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
        ]
        click.echo("  ".join(cells).rstrip())


def percent(value: float | None) -> str:
    """A fraction as people read it; two decimals, as 10,000 images allow."""
    return "–" if value is None else f"{100 * value:.2f} %"
