"""The options of commands that train: what does it, and on which data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinydigits.cli.user_data import ReadingOptions, load_data, reading_options, refuse_without_data

if TYPE_CHECKING:
    from tinydigits.data.dataset import Splits

SEED_LIMIT = 2**32  # NumPy's own
DATA = (
    click.option("--data", "data_path", type=click.Path(path_type=Path), help="A data set of your own; default MNIST."),
    click.option("--test", "test_path", type=click.Path(path_type=Path), help="Images to score, for --data."),
)

Command = Callable[..., None]


def training_options(engine_help: str) -> Callable[[Command], Command]:
    """Adds --engine, and the options of the user's data, to a command; it receives what `user_splits` takes."""
    engines = click.Choice(["auto", "native", "keras"])
    engine = click.option("--engine", type=engines, default="auto", show_default=True, help=engine_help)

    def with_options(command: Command) -> Command:
        command = reading_options(command)
        for option in reversed((engine, *DATA)):
            command = option(command)
        return command

    return with_options


def user_splits(data_path: Path | None, test_path: Path | None, reading: ReadingOptions) -> Splits | None:
    """The user's data, split; None stands for MNIST."""
    from tinydigits.data.dataset import split

    if data_path is None:
        if test_path is not None:
            raise click.UsageError("--test goes with --data; MNIST brings its own test images.")
        refuse_without_data(reading)
        return None
    loaded = load_data(data_path, reading, test_path)
    return split(loaded.data, loaded.test)
