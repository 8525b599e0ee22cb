"""`tinydigits explain`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinydigits.cli.console import note
from tinydigits.cli.exit_codes import NO_DIGIT
from tinydigits.cli.pixels import pixels_option, say_pixels

if TYPE_CHECKING:
    from tinydigits.formats.keras_pixels import Pixels


@click.command()
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--model", help="A shipped net, a run folder, a .keras, .h5 or .onnx; default the shipped `reader`.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("explained.png"), show_default=True, help="The PNG to draw."
)
@pixels_option
def explain(image: Path, model: str | None, out: Path, pixels: Pixels | None) -> None:
    """Draw why IMAGE is read as it is.

    What the model sees of each digit, its ten probabilities, the strokes that decided, the nearest training digits.
    """
    from tinydigits.data import pictures
    from tinydigits.data.dataset import mnist
    from tinydigits.formats.model_file import READER
    from tinydigits.reader import Reader
    from tinydigits.reader.explain import MOST_DIGITS, drawing, why
    from tinydigits.system.atomic import new_file

    reader = Reader(model or READER, pixels=pixels)
    say_pixels(reader.model)
    picture = pictures.opened(image)
    reading = reader.read(picture)
    if len(reading.digits) > MOST_DIGITS:
        note(f"only the first {MOST_DIGITS} of {len(reading.digits)} digits are explained")
    train = mnist().train
    reasons = [why(digit, reader.model.predict, train) for digit in reading.digits[:MOST_DIGITS]]
    with new_file(out) as temporary:
        drawing(picture, reading, reasons).save(temporary, "PNG")
    if not reading.digits:
        note(f"{image}: no digit found")
        sys.exit(NO_DIGIT)
    click.echo(reading.text)
