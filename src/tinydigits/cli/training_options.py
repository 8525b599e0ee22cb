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


def settings_option(metavar: str, words: str) -> Callable[[Command], Command]:
    """Adds --set to a command; it receives `settings`, which `values_by_name` and `value_by_name` read."""
    return click.option("--set", "settings", multiple=True, metavar=metavar, help=words)


def values_by_name(settings: tuple[str, ...]) -> dict[str, list[str]]:
    """The texts of the values, by the name of the setting."""
    texts: dict[str, list[str]] = {}
    for setting in settings:
        name, equals, values = setting.partition("=")
        if not (name and equals and all(value.strip() for value in values.split(","))):
            raise click.UsageError(f"--set {setting}: write a setting and its values as KEY=V1,V2.")
        if name in texts:
            raise click.UsageError(f"--set {name} is given twice: write all its values in one, as KEY=V1,V2.")
        texts[name] = values.split(",")
    return texts


def value_by_name(settings: tuple[str, ...]) -> dict[str, str]:
    """The text of the one value of each setting, by its name."""
    texts = values_by_name(settings)
    for name, values in texts.items():
        if len(values) > 1:
            given = f"--set {name}={','.join(values)}"
            raise click.UsageError(f"{given}: this trains with one value; `tinydigits sweep` tries several.")
    return {name: value for name, (value,) in texts.items()}


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
