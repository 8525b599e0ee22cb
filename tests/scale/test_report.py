from pathlib import Path
from types import SimpleNamespace

import pytest

from tinydigits.evaluation.significance import mean_interval, mean_interval_of_shares
from tinydigits.scale.grid import Combination
from tinydigits.scale.report import described


def a_row(seed, loss, epochs=5, error=None):
    return {
        "seed": seed,
        "identity": f"run {seed}",
        "epochs": epochs,
        "validation_loss": loss,
        "validation_accuracy": loss and 1 - loss,
        "test_accuracy": None,
        "fit_seconds": 1.0,
        "error": error,
    }


def report(rows, rounds=(None,)):
    sweep = SimpleNamespace(
        recipe_text="cnn", judged={"validation": "mine"}, rounds=rounds, results_file=Path("results.parquet")
    )
    return described(sweep, {Combination({"epochs": name}, None): own for name, own in rows.items()})


def order(found):
    return [each["settings"]["epochs"] for each in found["combinations"]]


def test_the_lowest_mean_loss_is_first_and_best():
    found = report({1: [a_row(0, 0.3), a_row(1, 0.1)], 2: [a_row(0, 0.1), a_row(1, 0.1)], 3: [a_row(0, 0.5)]})
    assert order(found) == [2, 1, 3]
    assert found["best"] == {"epochs": 2}
    assert (found["recipe"], found["images"], found["results"]) == ("cnn", {"validation": "mine"}, "results.parquet")


def test_a_combination_with_a_failed_run_comes_after_those_without_however_low_its_loss():
    failed = a_row(1, None, error="a loss of nan")
    found = report({1: [a_row(0, 0.01), failed], 2: [a_row(0, 0.9), a_row(1, 0.9)], 3: [failed, failed]})
    assert order(found) == [2, 1, 3]
    last = found["combinations"][-1]
    assert (last["failed"], last["errors"], last["loss"]["mean"]) == (2, ["a loss of nan"], None)
    assert found["combinations"][1]["loss"] == {"mean": 0.01, "sd": None, "min": 0.01, "max": 0.01, "n": 1} | {
        "interval": None
    }
    assert report({1: [failed]})["best"] is None


@pytest.mark.parametrize(("rounds", "first"), [((2, 5), 1), ((None,), 2)])
def test_with_halving_who_came_furthest_is_first(rounds, first):
    found = report({1: [a_row(0, 0.3, epochs=5)], 2: [a_row(0, 0.1, epochs=2)]}, rounds)
    assert order(found)[0] == first


def test_means_have_their_intervals_and_runs_are_repeated():
    losses = [0.1, 0.2, 0.4]
    (found,) = report({1: [a_row(seed, loss) for seed, loss in enumerate(losses)]})["combinations"]
    assert found["loss"]["interval"] == list(mean_interval(losses))
    assert found["validation"]["interval"] == pytest.approx(list(mean_interval_of_shares([0.9, 0.8, 0.6])))
    assert found["validation"]["mean"] == pytest.approx(2.3 / 3)
    assert found["test"] == {"mean": None, "sd": None, "min": None, "max": None, "n": 0, "interval": None}
    assert [run["seed"] for run in found["runs"]] == [0, 1, 2]
    assert found["runs"][1]["validation_loss"] == 0.2
