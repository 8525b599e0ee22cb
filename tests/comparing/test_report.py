from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.networks import odd_network
from tinydigits.comparing.report import described
from tinydigits.data.dataset import Dataset
from tinydigits.evaluation.significance import mcnemar, mean_interval_of_shares, sign_flip_test
from tinydigits.formats.onnx import file as onnx_file

JUDGED = Dataset(np.zeros((100, 2, 2), np.uint8), np.arange(100) % 10, "mine")


def runs(*wrong, folder=Path("missing"), engine="native"):
    """Of each seed, a run that answers so many of the first images wrongly."""
    report = {"parameters": 7, "epochs": 3, "engine": engine}
    found = {}
    for seed, count in enumerate(wrong):
        answers = (JUDGED.labels + (np.arange(100) < count)) % 10
        found[seed] = SimpleNamespace(answers=answers, folder=folder, report=report | {"fit_seconds": float(count)})
    return found


def test_a_recipe_is_its_accuracy_over_all_seeds():
    (recipe,) = described({"a": runs(10, 20, 60)}, JUDGED)["recipes"]
    assert recipe["accuracy"] == {
        "mean": pytest.approx(0.7),
        "sd": pytest.approx(np.std([0.9, 0.8, 0.4], ddof=1)),
        "min": 0.4,
        "max": 0.9,
        "n": 3,
        "interval": list(mean_interval_of_shares([0.9, 0.8, 0.4])),
    }
    assert [run["accuracy"] for run in recipe["runs"]] == [0.9, 0.8, 0.4]
    assert (recipe["fit_seconds"], recipe["parameters"], recipe["epochs"]) == (20, 7, 3)
    assert (recipe["engines"], recipe["multiply_adds"]) == (["native"], None)


def test_one_seed_has_no_interval():
    (recipe,) = described({"a": runs(10)}, JUDGED)["recipes"]
    assert recipe["accuracy"]["interval"] is None


def test_two_recipes_are_compared_seed_by_seed_and_image_by_image():
    found = described({"a": runs(10, 20), "b": runs(30, 20)}, JUDGED)
    (pair,) = found["pairs"]
    assert (pair["first"], pair["second"], pair["difference"]) == ("a", "b", pytest.approx(0.1))
    assert pair["permutation"]["p"] == sign_flip_test([0.2, 0.0]).p
    twenty_more = mcnemar(np.arange(100) >= 10, np.arange(100) >= 30).p
    assert [seed["p"] for seed in pair["mcnemar"]["seeds"]] == [pytest.approx(twenty_more), 1.0]
    assert pair["mcnemar"]["p"] == pytest.approx(min(1.0, 2 * twenty_more))
    assert pair["mcnemar"]["seeds"][0]["first_only"] == 20
    assert found["images"] == {"name": "mine", "count": 100}


@pytest.mark.parametrize(
    ("labels", "pairs"),
    [("ab", ["ab"]), ("abcd", ["ab", "ac", "ad", "bc", "bd", "cd"]), ("abcde", ["ab", "ac", "ad", "ae"])],
)
def test_of_more_than_four_recipes_each_is_compared_with_the_first(labels, pairs):
    found = described({label: runs(10) for label in labels}, JUDGED)
    assert [pair["first"] + pair["second"] for pair in found["pairs"]] == pairs


def test_multiply_adds_are_those_of_the_net_in_the_first_runs_folder(tmp_path):
    (tmp_path / "model.onnx").write_bytes(onnx_file.to_bytes(odd_network(), onnx_file.Metadata("odd")))
    (recipe,) = described({"a": runs(10, folder=tmp_path)}, JUDGED)["recipes"]
    assert recipe["multiply_adds"] == odd_network().multiply_adds
