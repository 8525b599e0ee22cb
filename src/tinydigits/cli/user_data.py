"""A user's own data set: the options that say how to read it, and notes on what looks wrong in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinydigits.cli.console import note

if TYPE_CHECKING:
    from tinydigits.data.loaded import Loaded, Part

OPTIONS = (
    click.option("--transpose", is_flag=True, help="Swap rows and columns of the images in --data, as EMNIST needs."),
    click.option("--invert", is_flag=True, help="Invert the images in --data: dark ink becomes bright."),
    click.option(
        "--mend-only",
        type=click.Choice(["train", "test"]),
        help="Let --transpose and --invert change only this part of the data.",
    ),
    click.option("--normalise", is_flag=True, help="Bring pictures in --data to 28×28 pixels, as `read` does."),
)


@dataclass(frozen=True)
class ReadingOptions:
    """How a user's data set is to be read."""

    transpose: bool
    invert: bool
    mend_only: Part | None
    normalise: bool

    def __bool__(self) -> bool:
        return self.transpose or self.invert or self.normalise or self.mend_only is not None


def reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options to a command, which receives them together as `reading`."""

    @wraps(command)
    def with_options(transpose: bool, invert: bool, mend_only: Part | None, normalise: bool, **others: Any) -> None:
        command(reading=ReadingOptions(transpose, invert, mend_only, normalise), **others)

    for option in reversed(OPTIONS):
        with_options = option(with_options)
    return with_options


def refuse_without_data(reading: ReadingOptions) -> None:
    """Raises UsageError if any of the options is given for MNIST, which needs none."""
    if reading:
        raise click.UsageError("--transpose, --invert, --mend-only and --normalise go with --data.")


def load_data(path: Path, reading: ReadingOptions, test_path: Path | None = None) -> Loaded:
    """Reads and mends a user's data set; says on stderr what looks wrong in it.

    Args:
        test_path: another set, whose test images (all, if it has none) take the place of the test images.
    """
    if reading.mend_only is not None and not (reading.transpose or reading.invert):
        raise click.UsageError("--mend-only goes with --transpose or --invert.")
    from tinydigits.data.files import load
    from tinydigits.data.loaded import Loaded
    from tinydigits.data.mending import Mend
    from tinydigits.evaluation.data_notes import data_notes
    from tinydigits.formats import model_file
    from tinydigits.reader.single import digit_image

    normalise = digit_image if reading.normalise else None
    loaded = load(path, normalise)
    if test_path is not None:
        test = load(test_path, normalise)
        loaded = Loaded(loaded.data, test.test or test.data)
    if reading.mend_only is not None and loaded.test is None:
        raise click.UsageError(f"--mend-only goes with data that has test images; {path} has none.")
    mend = Mend(reading.transpose, reading.invert)
    loaded = loaded.changed(mend, reading.mend_only)
    for finding in data_notes(loaded, model_file.load(model_file.DEFAULT).predict, mend, reading.mend_only):
        note(finding)
    return loaded
