"""Draws a sweep: each combination's seeds, and their mean with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits.figures.runs import BLUE, ORANGE, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Largest number of combinations in a picture: more would be too many to read.
MOST_ROWS = 40


def sweep(outcome: Mapping[str, Any]) -> Figure:
    """Draws validation accuracy, one row per combination: a dot a seed, the mean and its 95 % interval.

    Args:
        outcome: the result of `sweep`; of many combinations, the first `MOST_ROWS` are drawn.
    """
    drawn = [each for each in outcome["combinations"] if each["validation"]["n"]][:MOST_ROWS]
    figure = new_figure(9.0, 1.5 + 0.42 * max(len(drawn), 1))
    axis = figure.subplots()
    for row, each in enumerate(drawn):
        percents = [100 * run["validation_accuracy"] for run in each["runs"] if not run["error"]]
        mean, interval = 100 * each["validation"]["mean"], each["validation"]["interval"]
        axis.plot(percents, np.full(len(percents), row + 0.15), "o", color=BLUE, alpha=0.5, markersize=5, clip_on=False)
        if interval:
            axis.plot([100 * end for end in interval], [row - 0.15] * 2, color=ORANGE, linewidth=2.5)
        axis.plot([mean], [row - 0.15], "D", color=ORANGE, markersize=5)
    axis.set(xlabel=f"accuracy on {outcome['images']['validation']}, %", ylim=(max(len(drawn), 1) - 0.5, -0.6))
    axis.set_yticks(range(len(drawn)), [row_label(each, outcome) for each in drawn])
    axis.grid(axis="x", alpha=0.3)
    figure.suptitle(title(len(drawn), outcome), fontsize=10)
    return figure


def row_label(each: Mapping[str, Any], outcome: Mapping[str, Any]) -> str:
    """The combination, and its epochs where halving gave them fewer or more."""
    halved = len({other["epochs"] for other in outcome["combinations"]}) > 1 and "epochs" not in each["settings"]
    return f"{each['label']} ({each['epochs']} epochs)" if halved else str(each["label"])


def title(drawn: int, outcome: Mapping[str, Any]) -> str:
    rest = len(outcome["combinations"]) - drawn
    words = f"{outcome['recipe']}, best validation loss first\nDots: single seeds. Orange: mean and its 95 % interval"
    return words + (f". Not drawn: {rest} more" if rest else "")
