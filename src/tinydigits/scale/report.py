"""What a sweep came to, as JSON values: each combination over its seeds, the best by validation loss first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any

from tinydigits.evaluation.metrics import summary
from tinydigits.evaluation.significance import mean_interval, mean_interval_of_shares
from tinydigits.scale.grid import Combination
from tinydigits.scale.plan import Sweep
from tinydigits.scale.results import Row

# Returns the interval of a mean; None of too few values.
Interval = Callable[[Sequence[float]], tuple[float, float] | None]
# Columns of a row that the report repeats, for each run.
OF_A_RUN = ("seed", "identity", "validation_loss", "validation_accuracy", "test_accuracy", "fit_seconds", "error")


def described(sweep: Sweep, rows: Mapping[Combination, Sequence[Row]]) -> dict[str, Any]:
    """Returns what `sweep --json` prints.

    Under "combinations" those are first that came into the last round of halving, and in each round those with the
    lowest mean validation loss, without failed runs before those with some. "best" has the settings of the first, None
    where all have failed runs. The test images choose nothing.

    Args:
        rows: of each combination, a row a seed.
    """
    described = [combination_json(each, own) for each, own in rows.items()]
    described.sort(key=lambda each: place_of(each, halving=len(sweep.rounds) > 1))
    best = described[0]
    return {
        "recipe": sweep.recipe_text,
        "images": dict(sweep.judged),
        "combinations": described,
        "best": None if best["failed"] else best["settings"],
        "results": str(sweep.results_file),
    }


def combination_json(each: Combination, rows: Sequence[Row]) -> dict[str, Any]:
    finished = [row for row in rows if not row.get("error")]
    return {
        "label": each.label,
        "settings": dict(each.settings),
        "epochs": rows[0]["epochs"],
        "failed": len(rows) - len(finished),
        "errors": list(dict.fromkeys(row["error"] for row in rows if row.get("error"))),
        "loss": over_seeds(finished, "validation_loss", mean_interval),
        "validation": over_seeds(finished, "validation_accuracy", mean_interval_of_shares),
        "test": over_seeds(finished, "test_accuracy", mean_interval_of_shares),
        "runs": [{name: row.get(name) for name in OF_A_RUN} for row in rows],
    }


def over_seeds(rows: Sequence[Row], column: str, interval_of: Interval) -> dict[str, Any]:
    """Mean, standard deviation, range and number of a column, and the 95 % interval of the mean."""
    values = [row[column] for row in rows if row[column] is not None]
    interval = interval_of(values)
    return {**summary(values), "interval": interval and list(interval)}


def place_of(each: dict[str, Any], *, halving: bool) -> tuple[float, bool, float]:
    mean = each["loss"]["mean"]
    return -each["epochs"] if halving else 0, each["failed"] > 0, inf if mean is None else mean
