"""Progress on stderr: a rich bar on a terminal; elsewhere a line an epoch of training, and nothing of reading."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from tinydigits.system.progress import OnProgress, Progress


@contextmanager
def training_progress(trainings: int = 1) -> Iterator[Callable[[str], OnProgress]]:
    """Give a function that makes, for the title of a training, what shows each `Progress` of it.

    Args:
        trainings: how many there will be. Of several, only those under way have a bar, beneath one for all.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if not sys.stderr.isatty() or console.is_dumb_terminal:
        yield lambda title: partial(print_epoch, title)
        return
    with bar(console) as display:
        yield partial(shower, display) if trainings == 1 else several_showers(display, trainings)


def print_epoch(title: str, progress: Progress) -> None:
    """One plain line once an epoch."""
    if progress.epoch_ended:
        click.echo(f"{title}: epoch {progress.epoch}/{progress.epochs}, {figures_text(progress)}", err=True)


def figures_text(progress: Progress, *, accuracy: str = "accuracy", validation: str = "validation") -> str:
    """Loss and accuracies, as far as they are known, under the names given."""
    known = [(accuracy, progress.accuracy), (validation, progress.validation_accuracy)]
    accuracies = [f"{name} {100 * value:.2f} %" for name, value in known if value is not None]
    return ", ".join([f"loss {progress.loss:.4f}", *accuracies])


def bar(console: Console) -> Any:
    """Title, bar, epoch, loss, accuracies and the time left, in 80 columns."""
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Display

    return Display(
        TextColumn("{task.description}"),
        BarColumn(bar_width=12),
        TextColumn("{task.fields[epoch]}/{task.fields[epochs]}  {task.fields[figures]}"),
        TimeRemainingColumn(compact=True),
        console=console,
    )


def several_showers(display: Any, trainings: int) -> Callable[[str], OnProgress]:
    """As `shower`, for many trainings; a bar for all of them counts those that have ended."""
    every = display.add_task("all", total=trainings, epoch=0, epochs=trainings, figures="trained")
    fractions: dict[str, float] = {}

    def tell(title: str, progress: Progress) -> None:
        fractions[title] = progress.fraction
        ended = sum(fraction == 1 for fraction in fractions.values())
        display.update(every, completed=sum(fractions.values()), epoch=ended)

    def showing(title: str) -> OnProgress:
        show = shower(display, title, stays=False)

        def both(progress: Progress) -> None:
            show(progress)
            tell(title, progress)

        return both

    return showing


def shower(display: Any, title: str, *, stays: bool = True) -> Callable[[Progress], None]:
    """A function that moves the bar of one training; the bar appears with the first progress.

    Args:
        stays: keep the bar after the last epoch.
    """
    tasks: list[Any] = []

    def show(progress: Progress) -> None:
        figures = figures_text(progress, accuracy="acc", validation="val")
        fields = {"epoch": progress.epoch, "epochs": progress.epochs, "figures": figures}
        if not tasks:
            tasks.append(display.add_task(title, total=1.0, **fields))
        display.update(tasks[0], completed=progress.fraction, **fields)
        if not stays and progress.epoch_ended and progress.epoch == progress.epochs:
            display.remove_task(tasks[0])

    return show


def pictures_progress(names: Sequence[str]) -> Iterator[str]:
    """The names, one by one, with a bar on stderr where there are several and stderr is a terminal."""
    if len(names) == 1 or not sys.stderr.isatty():
        yield from names
        return
    from rich import progress
    from rich.console import Console

    yield from progress.track(names, "reading", console=Console(stderr=True), transient=True)
