"""Draws runs. Each function returns a matplotlib `Figure`, which a notebook shows and `save` writes.

Colours are from the palette of Okabe and Ito (2008), which is made for all kinds of colour vision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Float32Array, Int64Array, UInt8Images
from tinydigits.data.dataset import CLASSES, Dataset
from tinydigits.evaluation.metrics import worst_mistakes
from tinydigits.shipped.results import Published
from tinydigits.system.backend import installed, missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#6E6E6E"
DOTS_PER_INCH = 120
# Largest number of wrong answers in one picture.
MISTAKES = 30
# Number of white pixels between the images of a sheet.
GAP = 4


def new_figure(width: float, height: float) -> Figure:
    """Makes an empty figure without a window; sizes are in inches.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    if not installed("matplotlib"):
        raise missing("matplotlib")
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")


def save(figure: Figure, path: Path) -> None:
    """Writes a figure as PNG, without date and version, so that equal figures give equal bytes."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_text(drawable(text.get_text()))
    figure.savefig(path, format="png", metadata={"Software": None})


def drawable(text: str) -> str:
    """The text without what no font can draw: a file's name may hold bytes that are no characters here."""
    return text.encode("utf-8", "replace").decode("utf-8")


def digits(dataset: Dataset, answers: Int64Array | None = None) -> Figure:
    """Draws a sheet with the first ten images of each class, one row per class.

    Args:
        answers: int64 [n], the answers of a model. Wrong answers get a frame and the digit that was read.
    """
    height, width = (size + GAP for size in dataset.images.shape[1:3])
    positions = [np.flatnonzero(dataset.labels == label)[:10] for label in range(CLASSES)]
    figure = new_figure(5.6, 6.0)
    axis = figure.subplots()
    bare(axis)
    # All images are one picture, because a hundred axes take ten times as long to draw.
    show(axis, sheet(dataset.images, positions))
    axis.set_yticks([(label + 0.5) * height for label in range(CLASSES)], [str(label) for label in range(CLASSES)])
    axis.tick_params(length=0, labelsize=12)
    for label, column in np.ndindex(CLASSES, 10):
        answer = answers[positions[label][column]] if answers is not None and column < len(positions[label]) else label
        if answer != label:
            mark_wrong(axis, (column * width, label * height), (width, height), int(answer))
    axis.set_title(sheet_title(dataset, answers), fontsize=10)
    return figure


def sheet(images: UInt8Images, positions: Sequence[Int64Array], columns: int = 10) -> UInt8Images:
    """Arranges the images at `positions` on white, at most `columns` per row, with half a GAP around each."""
    images = images.reshape(*images.shape[:3], -1)
    frame = ((GAP // 2, GAP // 2), (GAP // 2, GAP // 2), (0, 0))
    empty = np.full_like(np.pad(images[0], frame), 255)
    rows = [
        [np.pad(images[position], frame, constant_values=255) for position in row] + [empty] * (columns - len(row))
        for row in positions
    ]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows])


def sheet_title(dataset: Dataset, answers: Int64Array | None) -> str:
    name = dataset.name[:1].upper() + dataset.name[1:]
    return f"{name}: the first ten of each digit" + (
        "\nwrong answers are framed, with what was read" if answers is not None else ""
    )


def augmentations(originals: UInt8Images, varied: Sequence[UInt8Images]) -> Figure:
    """Draws one row per image: the original in the first column, then its variations.

    Args:
        originals: uint8 [n, height, width].
        varied: for each further column, the augmented images, in the same shape.
    """
    columns = [originals, *varied]
    images = np.stack(columns, axis=1).reshape(-1, *originals.shape[1:])
    positions = np.arange(len(images)).reshape(len(originals), len(columns))
    figure = new_figure(0.5 * len(columns), 0.5 * len(originals) + 0.3)
    axis = figure.subplots()
    bare(axis)
    show(axis, sheet(images, list(positions), len(columns)))
    axis.axvline(originals.shape[2] + GAP - 0.5, color=ORANGE, linewidth=1.5)
    axis.set_title(f"{len(originals)} digits, and {len(varied)} variations of each", fontsize=10)
    return figure


def mark_wrong(axis: Axes, corner: tuple[int, int], size: tuple[int, int], answer: int) -> None:
    """Draws a frame around one cell of the sheet, with the wrong answer in its lower right corner."""
    from matplotlib.patches import Rectangle

    (left, top), (width, height) = corner, size
    axis.add_patch(Rectangle((left + 0.5, top + 0.5), width - 2, height - 2, fill=False, edgecolor=ORANGE, linewidth=2))
    box = {"facecolor": ORANGE, "edgecolor": "none", "pad": 1.2}
    axis.text(left + width - 4, top + height - 4, str(answer), color="white", fontsize=8, ha="right", bbox=box)


def curves(history: Mapping[str, Sequence[float]], name: str, published: Published | None) -> Figure:
    """Draws accuracy and loss by epoch, for training and validation; lines show the published figures."""
    figure = new_figure(9.0, 3.8)
    left, right = figure.subplots(1, 2)
    epochs = range(1, len(history["loss"]) + 1)
    for axis, key in ((left, "accuracy"), (right, "loss")):
        axis.plot(epochs, history[key], color=BLUE, marker="o", markersize=4, label="training")
        axis.plot(epochs, history[f"val_{key}"], color=ORANGE, marker="s", markersize=4, label="validation")
        axis.set(xlabel="epoch", ylabel=key)
        axis.set_xlim(0.5, len(epochs) + 0.5)
        axis.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        axis.grid(alpha=0.3)
    for label, value, style in published_lines(published):
        left.axhline(value, color=GREY, linestyle=style, linewidth=1.3, label=f"published {label}, {100 * value:.2f} %")
    left.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    left.set_title(f"{name}: accuracy")
    right.set_title(f"{name}: loss")
    left.legend(fontsize=8, loc="best", framealpha=0.7)
    right.legend(fontsize=8, loc="best", framealpha=0.7)
    return figure


def published_lines(published: Published | None) -> list[tuple[str, float, str]]:
    """Returns (label, accuracy, line style) of each published figure."""
    if published is None:
        return []
    lines = [("test", published.test, "--"), ("validation", published.validation, ":")]
    return [(label, value, style) for label, value, style in lines if value is not None]


def confusion(matrix: Int64Array, name: str) -> Figure:
    """Draws the confusion matrix: rows true, columns predicted; the shade is the share of the row."""
    figure = new_figure(6.2, 5.6)
    axis = figure.subplots()
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    # The square root makes few mistakes visible: 1 % of a row is 10 % of the colour scale.
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


def mistakes(dataset: Dataset, probabilities: Float32Array) -> Figure:
    """Draws the most confident wrong answers, each with its label, the answer and the confidence."""
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
    """Removes ticks and frame."""
    axis.set(xticks=[], yticks=[])
    for spine in axis.spines.values():
        spine.set_visible(False)


def show(axis: Axes, image: NDArray[Any]) -> None:
    """Draws one image; 0 is black and 255 is white in all images."""
    axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
