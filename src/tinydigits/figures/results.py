"""Draws results: dots for seeds, rows for recipes, and accuracy against size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits.figures.runs import BLUE, GREY, ORANGE, new_figure
from tinydigits.shipped.results import Published

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def seeds(groups: Mapping[str, Mapping[str, Sequence[float]]], published: Mapping[str, Published]) -> Figure:
    """Draws the test accuracy of every seed as a dot: one panel per net, one row per engine.

    Lines show the mean and the published figure.

    Args:
        groups: accuracies, 0 to 1, by net and then by engine.
    """
    figure = new_figure(9.0, 1.2 + 0.55 * max(map(len, groups.values())))
    panels = figure.subplots(1, len(groups), squeeze=False)[0]
    for axis, (name, engines) in zip(panels, groups.items(), strict=True):
        for row, accuracies in enumerate(engines.values()):
            percents = 100 * np.asarray(accuracies)
            axis.plot(percents, np.full(len(percents), row), "o", color=BLUE, alpha=0.55, markersize=7)
            axis.plot([percents.mean()] * 2, [row - 0.28, row + 0.28], color=ORANGE, linewidth=2.5)
        if name in published:
            axis.axvline(100 * published[name].test, color=GREY, linestyle="--", linewidth=1.3)
        axis.set(title=name, xlabel="test accuracy, %", ylim=(len(engines) - 0.5, -0.5))
        axis.set_yticks(range(len(engines)), list(engines))
        axis.grid(axis="x", alpha=0.3)
    figure.suptitle("Dots: single seeds. Orange: mean. Dashed: published figure", fontsize=10)
    return figure


def comparison(outcome: Mapping[str, Any]) -> Figure:
    """Draws the accuracy of every seed as a dot, one row per recipe, with the mean and its 95 % interval.

    Args:
        outcome: the result of `compare`.
    """
    recipes = outcome["recipes"]
    figure = new_figure(8.0, 1.5 + 0.6 * len(recipes))
    axis = figure.subplots()
    for row, recipe in enumerate(recipes):
        percents = [100 * run["accuracy"] for run in recipe["runs"]]
        mean, interval = 100 * recipe["accuracy"]["mean"], recipe["accuracy"]["interval"]
        axis.plot(percents, np.full(len(percents), row + 0.13), "o", color=BLUE, alpha=0.5, markersize=6, clip_on=False)
        if interval:
            axis.plot([100 * end for end in interval], [row - 0.18] * 2, color=ORANGE, linewidth=3)
        axis.plot([mean], [row - 0.18], "D", color=ORANGE, markersize=7)
        axis.annotate(
            f"{mean:.2f}", (mean, row - 0.18), (0, 7), textcoords="offset points", ha="center", fontsize=8, color=ORANGE
        )
    axis.set(xlabel=f"accuracy on {outcome['images']['name']}, %", ylim=(len(recipes) - 0.5, -0.6))
    axis.set_yticks(range(len(recipes)), [recipe["recipe"] for recipe in recipes])
    axis.grid(axis="x", alpha=0.3)
    axis.set_title("Dots: single seeds. Orange: mean and its 95 % interval", fontsize=10)
    return figure


@dataclass(frozen=True)
class Point:
    """A net in a plot of accuracy against size.

    Attributes:
        accuracy: accuracy on test images, 0 to 1; the mean over seeds if there is a `spread`.
        label: the text beside the point.
        spread: standard deviation over seeds, 0 to 1; None for a single run.
    """

    parameters: int
    accuracy: float
    label: str
    spread: float | None = None


def frontier(ours: Sequence[Point], others: Sequence[Point]) -> Figure:
    """Draws error against parameters, both on logarithmic scales: our nets with their spread, and published nets.

    Args:
        others: at most 26 published nets; each gets a letter, and a list explains the letters.
    """
    figure = new_figure(9.0, 6.0)
    axis = figure.subplots()
    letters = "abcdefghijklmnopqrstuvwxyz"[: len(others)]
    axis.plot([point.parameters for point in ours], [error(point) for point in ours], color=BLUE, alpha=0.4)
    spreads = [100 * (point.spread or 0) for point in ours]
    legend = "tinydigits, mean ± sd; nothing chosen on test images"
    axis.errorbar(*coordinates(ours), spreads, fmt="o", color=BLUE, capsize=3, label=legend)
    axis.plot(*coordinates(others), "x", color=ORANGE, label="published: one run, chosen as said below")
    for point in ours:
        annotate(axis, point, point.label, (-9, 5), "right")
    for letter, point in zip(letters, others, strict=True):
        annotate(axis, point, letter, (6, 3), "left")
    explained = "\n".join(f"{letter}  {point.label}" for letter, point in zip(letters, others, strict=True))
    axis.text(
        0.985, 0.02, explained, transform=axis.transAxes, ha="right", va="bottom", fontsize=8, multialignment="left"
    )
    ticks = [0.3, 0.4, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0]
    axis.set(xscale="log", yscale="log", xlabel="trainable parameters", ylabel="accuracy on MNIST's test images, %")
    axis.set_yticks(ticks, [f"{100 - tick:.1f}" for tick in ticks], minor=False)
    axis.set_yticks([], minor=True)
    axis.set_xticks([500, 1000, 2000, 5000, 10_000, 20_000], ["500", "1,000", "2,000", "5,000", "10,000", "20,000"])
    axis.set_xticks([], minor=True)
    axis.set(xlim=(400, 30_000))
    axis.invert_yaxis()
    axis.grid(alpha=0.3)
    axis.legend(loc="upper left", fontsize=8)
    return figure


def error(point: Point) -> float:
    """Returns the error in percent."""
    return 100 * (1 - point.accuracy)


def coordinates(points: Sequence[Point]) -> tuple[list[int], list[float]]:
    return [point.parameters for point in points], [error(point) for point in points]


def annotate(axis: Axes, point: Point, text: str, offset: tuple[int, int], side: str) -> None:
    axis.annotate(text, (point.parameters, error(point)), offset, textcoords="offset points", fontsize=8, ha=side)
