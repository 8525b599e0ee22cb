"""`tinydigits evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinydigits.cli.console import as_json as json_option
from tinydigits.cli.console import note, percent, print_json, print_table
from tinydigits.cli.pixels import pixels_option, say_pixels
from tinydigits.cli.user_data import ReadingOptions, load_data, reading_options, refuse_without_data
from tinydigits.system.words import counted

if TYPE_CHECKING:
    from tinydigits.data.dataset import Dataset
    from tinydigits.evaluation.report import Predict, Report
    from tinydigits.formats.keras_pixels import Pixels


@click.command()
@click.argument("model")
@click.option("--data", "data_path", type=click.Path(path_type=Path), help="A data set of your own; default MNIST.")
@reading_options
@click.option("--corruptions", is_flag=True, help="Score the fifteen corruptions of MNIST-C as well.")
@click.option("--mistakes", type=click.Path(path_type=Path), help="Draw the surest wrong answers to this PNG file.")
@pixels_option
@json_option
def evaluate(
    model: str,
    data_path: Path | None,
    reading: ReadingOptions,
    corruptions: bool,
    mistakes: Path | None,
    pixels: Pixels | None,
    as_json: bool,
) -> None:
    """Score MODEL: a shipped net (`tinydigits models` lists them), a run folder, a .keras, .h5 or .onnx."""
    from tinydigits.data.dataset import check_size
    from tinydigits.evaluation import report as evaluation
    from tinydigits.formats import model_file

    folder = model_file.shadowed_folder(model)
    if folder is not None:
        note(f"`{model}` is the shipped model; to mean the folder, write ./{model}")
    loaded = model_file.load(model, pixels)
    dataset = dataset_at(data_path, reading)
    check_size(dataset.images, loaded.input_shape, dataset.name)
    report = evaluation.evaluate(loaded.predict, dataset)
    say_pixels(loaded, dataset)
    if mistakes is not None:
        draw_mistakes(dataset, report, mistakes)
    robustness = corruption_scores(loaded.predict, dataset) if corruptions else {}
    if as_json:
        extra = {"corruptions": robustness} if corruptions else {}
        print_json({"model": loaded.name, "parameters": loaded.parameters, **report.as_json(), **extra})
        return
    print_report(loaded.name, loaded.parameters, report)
    if corruptions:
        click.echo()
        print_table(["corruption", "accuracy"], [[name, percent(score)] for name, score in robustness.items()])


def corruption_scores(predict: Predict, dataset: Dataset) -> dict[str, float]:
    from tinydigits.evaluation.corruptions.fifteen import corruption_accuracies

    return corruption_accuracies(predict, dataset)


def dataset_at(path: Path | None, reading: ReadingOptions) -> Dataset:
    """MNIST's test images, or a user's: those set apart for testing where there are any, else all."""
    from tinydigits.data.dataset import mnist_test

    if path is None:
        refuse_without_data(reading)
        return mnist_test()
    loaded = load_data(path, reading)
    return loaded.test or loaded.data


def draw_mistakes(dataset: Dataset, report: Report, path: Path) -> None:
    from tinydigits.figures import runs as figures
    from tinydigits.system.atomic import new_file

    with new_file(path) as temporary:
        figures.save(figures.mistakes(dataset, report.probabilities), temporary)


def print_report(name: str, parameters: int, report: Report) -> None:
    low, high = report.interval
    click.echo(
        f"{name}, {parameters:,} parameters: {percent(report.accuracy)} of {counted(report.images, 'image')} right "
        f"(95 % interval {percent(low)} to {percent(high)})"
    )
    click.echo(f"expected calibration error {percent(report.ece)}\n")
    matrix = report.confusion
    print_table(
        ["true \\ read", *map(str, range(len(matrix)))],
        [[str(label), *(str(count or "·") for count in row)] for label, row in enumerate(matrix.tolist())],
    )
