"""`tinydigits calibrate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinydigits.cli.console import as_json as json_option
from tinydigits.cli.console import note, print_json
from tinydigits.cli.pixels import pixels_option
from tinydigits.cli.training_options import user_splits
from tinydigits.cli.user_data import ReadingOptions, reading_options

if TYPE_CHECKING:
    from tinydigits.formats.keras_pixels import Pixels
    from tinydigits.training.calibrate import Calibrated


@click.command()
@click.argument("model")
@click.option("--data", "data_path", type=click.Path(path_type=Path), help="A data set of your own; default MNIST.")
@reading_options
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE.onnx", help="Default an .onnx beside the model.")
@click.option("--overwrite", is_flag=True, help="Replace the file where it exists, or a calibration in it.")
@pixels_option
@json_option
def calibrate(
    model: str,
    data_path: Path | None,
    reading: ReadingOptions,
    out: Path | None,
    overwrite: bool,
    pixels: Pixels | None,
    as_json: bool,
) -> None:
    """Have MODEL refuse what is no digit: fit its confidence and a score to digits, and write its .onnx with both.

    `train` does so by itself; this is for older .onnx files and run folders, which are completed in place, and for
    .keras files.
    """
    from tinydigits.training import calibrate as calibration

    outcome = calibration.calibrate(
        model, splits=user_splits(data_path, None, reading), out=out, overwrite=overwrite, pixels=pixels
    )
    for each in outcome.notes:
        note(each)
    figures = calibrated_as_json(outcome)
    if as_json:
        print_json(figures)
    else:
        click.echo(
            f"{figures['model']}: temperature {figures['temperature']:.3f}, refused from a score of "
            f"{figures['threshold']:.3f}; in {outcome.path}"
        )


def calibrated_as_json(outcome: Calibrated) -> dict[str, Any]:
    metadata = outcome.metadata
    return {
        "model": metadata.name,
        "file": str(outcome.path),
        "temperature": metadata.temperature,
        "threshold": (metadata.rejection or {})["threshold"],
        "pixels": metadata.pixels,
        "notes": list(outcome.notes),
    }
