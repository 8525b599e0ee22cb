"""Progress on stderr: a rich bar on a terminal; elsewhere a line an epoch of training, and nothing of reading."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from tinydigits.system.progress import Progress


# Called with the title of a training and its progress.
Show = Callable[[str, "Progress"], None]


@contextmanager
def training_progress(trainings: int = 1) -> Iterator[Show]:
    """Give the function that shows the progress of a training.

    Args:
        trainings: how many there will be. Of several, only those under way have a bar, beneath one for all.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if not sys.stderr.isatty() or console.is_dumb_terminal:
        yield print_epoch
        return
    with progress_bars(console) as display:
        yield show_one(display) if trainings == 1 else show_several(display, trainings)


def print_epoch(title: str, progress: Progress) -> None:
    """One plain line once an epoch."""
    if progress.epoch_ended:
        click.echo(f"{title}: epoch {progress.epoch}/{progress.epochs}, {figures_text(progress)}", err=True)


def figures_text(progress: Progress, *, accuracy: str = "accuracy", validation: str = "validation") -> str:
    """Loss and accuracies, as far as they are known, under the names given."""
    known = [(accuracy, progress.accuracy), (validation, progress.validation_accuracy)]
    accuracies = [f"{name} {100 * value:.2f} %" for name, value in known if value is not None]
    return ", ".join([f"loss {progress.loss:.4f}", *accuracies])


def progress_bars(console: Console) -> Any:
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


def show_several(display: Any, trainings: int) -> Show:
    """As `show_one`; a bar for all of them counts those that have ended, and ended ones lose their own."""
    every = display.add_task("all", total=trainings, epoch=0, epochs=trainings, figures="trained")
    fractions: dict[str, float] = {}
    show_bar = show_one(display, stays=False)

    def show(title: str, progress: Progress) -> None:
        show_bar(title, progress)
        fractions[title] = progress.fraction
        ended = sum(fraction == 1 for fraction in fractions.values())
        display.update(every, completed=sum(fractions.values()), epoch=ended)

    return show


def show_one(display: Any, *, stays: bool = True) -> Show:
    """The function that moves the bar of a training; the bar appears with the first progress.

    Args:
        stays: keep the bar after the last epoch.
    """
    bars: dict[str, Any] = {}

    def show(title: str, progress: Progress) -> None:
        figures = figures_text(progress, accuracy="acc", validation="val")
        fields = {"epoch": progress.epoch, "epochs": progress.epochs, "figures": figures}
        if title not in bars:
            bars[title] = display.add_task(title, total=1.0, **fields)
        display.update(bars[title], completed=progress.fraction, **fields)
        if not stays and progress.epoch_ended and progress.epoch == progress.epochs:
            display.remove_task(bars[title])

    return show


def pictures_progress(names: Sequence[str]) -> Iterator[str]:
    """The names, one by one, with a bar on stderr where there are several and stderr is a terminal."""
    if len(names) == 1 or not sys.stderr.isatty():
        yield from names
        return
    from rich import progress
    from rich.console import Console

    yield from progress.track(names, "reading", console=Console(stderr=True), transient=True)


@contextmanager
def counting_progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Give the function that is told how many more were done; a bar on stderr where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda count: None
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        bar = display.add_task(title, total=total)
        yield lambda count: display.update(bar, advance=count)
