"""Every matplotlib picture. Each function returns a `Figure`, which a notebook shows and `save` writes.

Colours are from the palette of Okabe and Ito (2008), which people with any colour vision can tell apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.backend import installed, missing
from tinydigits.data import CLASSES, Dataset
from tinydigits.metrics import worst_mistakes
from tinydigits.results import Published

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#6E6E6E"
DOTS_PER_INCH = 120
MISTAKES = 30


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, sizes in inches, that belongs to no window.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    if not installed("matplotlib"):
        raise missing("matplotlib")
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, without the date and version that would change its bytes every time."""
    figure.savefig(path, format="png", metadata={"Software": None})


def digits(dataset: Dataset, answers: NDArray[np.int64] | None = None) -> Figure:
    """The classic sheet: a row a class, its first ten images each.

    Args:
        answers: int64 [n], what a model says; wrong ones are framed and named.
    """
    figure = new_figure(5.6, 6.0)
    axes = figure.subplots(CLASSES, 10)
    for label in range(CLASSES):
        positions = np.flatnonzero(dataset.labels == label)[:10]
        for column, axis in enumerate(axes[label]):
            bare(axis)
            if column < len(positions):
                position = positions[column]
                show(axis, dataset.images[position])
                if answers is not None and answers[position] != label:
                    mark_wrong(axis, int(answers[position]))
        axes[label][0].set_ylabel(str(label), rotation=0, ha="right", va="center", fontsize=12, labelpad=6)
    figure.suptitle(sheet_title(dataset, answers), fontsize=10)
    return figure


def sheet_title(dataset: Dataset, answers: NDArray[np.int64] | None) -> str:
    name = dataset.name[:1].upper() + dataset.name[1:]
    return f"{name}: the first ten of each digit" + (
        "\nwrong answers are framed, with what was read" if answers is not None else ""
    )


def mark_wrong(axis: Axes, answer: int) -> None:
    """A frame, and the wrong answer in a corner of it."""
    for spine in axis.spines.values():
        spine.set(visible=True, edgecolor=ORANGE, linewidth=2)
    box = {"facecolor": ORANGE, "edgecolor": "none", "pad": 1.2}
    axis.text(0.97, 0.04, str(answer), transform=axis.transAxes, color="white", fontsize=8, ha="right", bbox=box)


def curves(history: Mapping[str, Sequence[float]], name: str, published: Published | None) -> Figure:
    """Accuracy and loss by epoch, in training and validation, with the published figures as lines."""
    figure = new_figure(9.0, 3.8)
    left, right = figure.subplots(1, 2)
    epochs = range(1, len(history["loss"]) + 1)
    for axis, key in ((left, "accuracy"), (right, "loss")):
        axis.plot(epochs, history[key], color=BLUE, marker="o", markersize=4, label="training")
        axis.plot(epochs, history[f"val_{key}"], color=ORANGE, marker="s", markersize=4, label="validation")
        axis.set(xlabel="epoch", ylabel=key)
        axis.set_xlim(0.5, len(epochs) + 0.5)
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.grid(alpha=0.3)
    for label, value, style in published_lines(published):
        left.axhline(value, color=GREY, linestyle=style, linewidth=1.3, label=f"published {label}, {100 * value:.2f} %")
    left.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    left.set_title(f"{name}: accuracy")
    right.set_title(f"{name}: loss")
    left.legend(fontsize=8, loc="lower right")
    right.legend(fontsize=8, loc="upper right")
    return figure


def published_lines(published: Published | None) -> list[tuple[str, float, str]]:
    """(label, accuracy, line style) of each published figure."""
    if published is None:
        return []
    lines = [("test", published.test, "--"), ("validation", published.validation, ":")]
    return [(label, value, style) for label, value, style in lines if value is not None]


def confusion(matrix: NDArray[np.int64], name: str) -> Figure:
    """Counts of answers, rows true and columns predicted; the shade is the share of the row."""
    figure = new_figure(6.2, 5.6)
    axis = figure.subplots()
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    # The square root lifts the few mistakes out of white: 1 % of a row shows as 10 % of the scale.
    image = axis.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*matrix.shape):
        if matrix[row, column]:
            colour = "white" if shares[row, column] > 0.3 else "black"
            axis.text(column, row, f"{matrix[row, column]}", ha="center", va="center", fontsize=8, color=colour)
    total = matrix.sum()
    axis.set(xlabel="predicted", ylabel="true", xticks=range(len(matrix)), yticks=range(len(matrix)))
    axis.set_title(
        f"{name}: {np.trace(matrix):,} of {total:,} right ({100 * np.trace(matrix) / total:.2f} %)", fontsize=11
    )
    bar = figure.colorbar(image, ax=axis, shrink=0.8, label="share of the true digit's images")
    ticks = np.array([0, 0.01, 0.05, 0.2, 0.5, 1.0])
    bar.set_ticks(np.sqrt(ticks).tolist(), labels=[f"{100 * tick:.0f} %" for tick in ticks])
    return figure


def mistakes(dataset: Dataset, probabilities: NDArray[np.float32]) -> Figure:
    """The most confident wrong answers, each with its label, the answer and the confidence."""
    positions = worst_mistakes(probabilities, dataset.labels, MISTAKES)
    columns = 6
    rows = max(1, -(-len(positions) // columns))
    figure = new_figure(8.4, 1.75 * rows + 0.6)
    axes = np.atleast_1d(figure.subplots(rows, columns)).ravel()
    for axis in axes:
        bare(axis)
    for axis, position in zip(axes, positions, strict=False):
        answer, confidence = int(probabilities[position].argmax()), probabilities[position].max()
        show(axis, dataset.images[position])
        right = dataset.labels[position]
        axis.set_title(f"{right} read as {answer}\n{100 * confidence:.1f} % sure, no. {position}", fontsize=8)
    wrong = int((probabilities.argmax(axis=1) != dataset.labels).sum())
    shown = f"the {len(positions)} surest of {wrong:,}" if wrong else "there are none"
    figure.suptitle(f"Wrong answers on {dataset.name}: {shown}", fontsize=11)
    return figure


def bare(axis: Axes) -> None:
    """No ticks and no frame."""
    axis.set(xticks=[], yticks=[])
    for spine in axis.spines.values():
        spine.set_visible(False)


def show(axis: Axes, image: NDArray[Any]) -> None:
    """One image as it is stored; grey in one scale for all."""
    axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
