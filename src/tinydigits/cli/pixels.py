"""The option `--pixels`, and the note that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tinydigits.cli.console import note

if TYPE_CHECKING:
    from tinydigits.data.dataset import Dataset
    from tinydigits.formats.model_file import LoadedModel

pixels_option = click.option(
    "--pixels",
    type=click.Choice(["0-1", "0-255"]),
    help="The range of the pixels that the model takes; default what its file or its first layers say.",
)


def say_pixels(loaded: LoadedModel, digits: Dataset | None = None) -> None:
    """Prints a note if a model answers far better with pixels of the other range.

    Args:
        digits: what it is tried on; MNIST's test images where None.
    """
    from tinydigits.data.dataset import mnist_test
    from tinydigits.evaluation.pixels import note_on_pixels

    if loaded.predict_otherwise is None:  # its range is known
        return
    found = note_on_pixels(loaded, digits or mnist_test())
    if found is not None:
        note(found)
