"""`tinydigits data`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinydigits.cli.console import as_json as json_option
from tinydigits.cli.console import print_json, print_table

if TYPE_CHECKING:
    from tinydigits.data.dataset import Dataset, Splits


@click.command()
@click.option("--picture", type=click.Path(path_type=Path), help="Draw the 10×10 sheet of digits to this PNG file.")
@json_option
def data(picture: Path | None, as_json: bool) -> None:
    """State the origin, license, counts and hashes of the bundled MNIST."""
    from tinydigits.data.dataset import mnist

    splits = mnist()
    facts = described(splits)
    if picture is not None:
        draw_sheet(splits.train, picture)
    if as_json:
        print_json(facts)
        return
    click.echo(f"{facts['origin']}.\nLicense {facts['license']}. Verified just now.\n")
    print_table(
        ["images", *map(str, range(10)), "all"],
        [
            [name, *(f"{count:,}" for count in counts), f"{sum(counts):,}"]
            for name, counts in facts["images_of_each_digit"].items()
        ],
    )
    click.echo("\nSHA-256 of each file's uncompressed bytes:")
    for name, digest in facts["sha256"].items():
        click.echo(f"  {digest}  {name}")
    click.echo("SHA-256 of each file as stored:")
    for name, digest in facts["stored_sha256"].items():
        click.echo(f"  {digest}  {name}")


def described(splits: Splits) -> dict[str, Any]:
    """The facts as a JSON object; that the data could be loaded has verified it."""
    import numpy as np

    from tinydigits.data.dataset import CANONICAL_SHA256, CLASSES, DATA_LICENSE, ORIGIN, STORED_SHA256

    parts = {"train": splits.train, "validation": splits.validation, "test": splits.test}
    counts = {
        name: np.bincount(part.labels, minlength=CLASSES).tolist() for name, part in parts.items() if part is not None
    }
    return {
        "name": "MNIST",
        "origin": ORIGIN,
        "license": DATA_LICENSE,
        "counts": {name: sum(each) for name, each in counts.items()},
        "images_of_each_digit": counts,
        "sha256": CANONICAL_SHA256,
        "stored_sha256": STORED_SHA256,
    }


def draw_sheet(digits: Dataset, path: Path) -> None:
    from tinydigits.figures import runs as figures
    from tinydigits.system.atomic import new_file

    with new_file(path) as temporary:
        figures.save(figures.digits(digits), temporary)
