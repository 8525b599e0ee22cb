"""`tinydigits export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinydigits.cli.console import as_json as json_option
from tinydigits.cli.console import note, percent, print_json
from tinydigits.cli.exit_codes import FAILURE

if TYPE_CHECKING:
    from tinydigits.export.export_c import Outcome


@click.command()
@click.argument("model")
@click.option("--to", type=click.Choice(["c"]), required=True, help="c: C99 for a microcontroller.")
@click.option("--int8", is_flag=True, help="Whole numbers of 8 bits in place of float32.")
@click.option("--single-header", is_flag=True, help="One header in place of a folder for Arduino, CMake and others.")
@click.option("--max-flash", type=click.IntRange(1), help="Refuse if code and constants need more bytes.")
@click.option("--max-ram", type=click.IntRange(1), help="Refuse if the net needs more bytes of memory.")
@click.option("--out", type=click.Path(path_type=Path), help="The folder, or header, to write; default MODEL-c.")
@click.option("--overwrite", is_flag=True, help="Replace --out where it exists.")
@json_option
def export(
    model: str,
    to: str,
    int8: bool,
    single_header: bool,
    max_flash: int | None,
    max_ram: int | None,
    out: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write MODEL for another place, and prove it on MNIST's 10,000 test images.

    MODEL is a shipped net (`tinydigits models` lists them), a run folder, a .keras or an .onnx. The folder is at once a
    library for Arduino, PlatformIO, CMake, ESP-IDF and Zephyr. Its C is compiled here and must answer every test image
    as the net does: int8 scores bit for bit as the NumPy reference, float32 with the same digits.
    """
    from tinydigits.data.dataset import mnist
    from tinydigits.export.export_c import Options, export_c
    from tinydigits.formats import model_file

    if model_file.shadowed_folder(model) is not None:
        note(f"`{model}` is the shipped model; to mean the folder, write ./{model}")
    network, metadata = model_file.load_network(model)
    outcome = export_c(
        network,
        metadata.name,
        out or Path(f"{metadata.name}-c{'.h' if single_header else ''}"),
        Options(int8, single_header, max_flash, max_ram, overwrite),
        calibration=mnist().train.images,
        on_warning=note,
    )
    if as_json:
        print_json(outcome.as_json())
    else:
        print_outcome(outcome)
    if outcome.disagreements:
        note(f"the C answers other than the net for images {', '.join(map(str, outcome.differing))} …; do not use it")
        sys.exit(FAILURE)


def print_outcome(outcome: Outcome) -> None:
    click.echo(
        f"{outcome.path}: {outcome.bytes:,} bytes of C; on a microcontroller about {outcome.flash:,} bytes of flash "
        f"and {outcome.ram:,} of RAM; accuracy {percent(outcome.accuracy)}"
    )
    if outcome.checked_images:
        click.echo(
            f"{outcome.checked_images:,} images checked, {outcome.disagreements:,} answers differ, "
            f"largest difference of a score {outcome.max_abs_difference:.3g}"
        )
