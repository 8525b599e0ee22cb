import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from tinydigits.comparing.compare import compare
from tinydigits.data.dataset import Splits
from tinydigits.errors import OutputError, RecipeError
from tinydigits.recipes.recipe import RECIPES, SGD

pytestmark = pytest.mark.usefixtures("one_process")
FAST = replace(RECIPES["mlp"], name="fast", optimizer=SGD(0.5))


@pytest.fixture(scope="module")
def splits(whole_mnist):
    return Splits(whole_mnist.train[:300], whole_mnist.validation[:60], whole_mnist.test[:120])


@pytest.fixture
def comparison(splits, tmp_path):
    """Compare in a folder of its own; what comes out, and which runs were trained for it, newly each time."""

    def run(recipes=("mlp", FAST), seeds=2, **settings):
        trained = []

        def plan(to_train, there):
            return lambda label, seed: trained.append((label, seed)) or (lambda progress: None)

        options = {"folder": tmp_path / "here", "epochs": 1, "splits": splits, "on_plan": plan, **settings}
        return compare(recipes, range(seeds), **options), trained

    return run


BOTH = [("mlp", 0), ("mlp", 1), ("fast", 0), ("fast", 1)]


def test_a_comparison_says_what_each_recipe_and_each_pair_came_to(comparison, splits, tmp_path):
    outcome, trained = comparison()
    assert trained == BOTH
    assert json.loads((tmp_path / "here" / "comparison.json").read_text()) == outcome
    assert (tmp_path / "here" / "comparison.png").read_bytes().startswith(b"\x89PNG")
    assert outcome["images"] == {"name": "MNIST test images", "count": 120}
    assert [recipe["recipe"] for recipe in outcome["recipes"]] == ["mlp", "fast"]
    mlp, fast = outcome["recipes"]
    assert (mlp["parameters"], mlp["multiply_adds"], mlp["epochs"], mlp["engines"]) == (9862, 9816, 1, ["native"])
    for recipe in (mlp, fast):
        for run in recipe["runs"]:
            folder = tmp_path / "here" / recipe["recipe"] / f"seed-{run['seed']}"
            assert run["folder"] == str(folder)
            assert run["accuracy"] == json.loads((folder / "report.json").read_text())["accuracy"]["test"]
            answers = np.load(folder / "answers.npy", allow_pickle=False)
            assert run["accuracy"] == np.mean(answers == splits.test.labels)
        accuracies = [run["accuracy"] for run in recipe["runs"]]
        assert recipe["accuracy"]["mean"] == pytest.approx(np.mean(accuracies))
        assert recipe["accuracy"]["interval"][0] <= recipe["accuracy"]["mean"] <= recipe["accuracy"]["interval"][1]
    (pair,) = outcome["pairs"]
    assert (pair["first"], pair["second"]) == ("mlp", "fast")
    assert pair["difference"] == pytest.approx(mlp["accuracy"]["mean"] - fast["accuracy"]["mean"])
    assert pair["permutation"]["flips"] == 4
    for seed, test in enumerate(pair["mcnemar"]["seeds"]):
        gap = 120 * (mlp["runs"][seed]["accuracy"] - fast["runs"][seed]["accuracy"])
        assert test["first_only"] - test["second_only"] == pytest.approx(gap)


def test_what_is_finished_is_not_trained_again_and_more_seeds_train_alone(comparison):
    first, _ = comparison()
    assert comparison() == (first, [])
    more, trained = comparison(seeds=3)
    assert trained == [("mlp", 2), ("fast", 2)]
    assert more["recipes"][0]["runs"][:2] == first["recipes"][0]["runs"]


def test_names_of_folders_and_recipes_do_not_matter(comparison, tmp_path):
    comparison()
    (tmp_path / "here" / "mlp").rename(tmp_path / "here" / "anything")
    outcome, trained = comparison(["mlp", replace(FAST, name="quick")])
    assert trained == []
    assert [recipe["recipe"] for recipe in outcome["recipes"]] == ["mlp", "quick"]
    assert outcome["recipes"][0]["runs"][0]["folder"] == str(tmp_path / "here" / "anything" / "seed-0")


def test_another_setting_or_other_data_is_another_run_in_a_folder_of_its_own(comparison, splits, tmp_path):
    comparison()
    outcome, trained = comparison(["mlp", replace(FAST, optimizer=SGD(0.4))])
    assert trained == BOTH[2:]
    assert outcome["recipes"][1]["runs"][0]["folder"] == str(tmp_path / "here" / "fast-2" / "seed-0")
    first_seeds = BOTH[::2]
    assert comparison(epochs=2, seeds=1)[1] == first_seeds
    fewer = Splits(splits.train[:299], splits.validation, splits.test)
    assert comparison(splits=fewer, seeds=1)[1] == first_seeds


def test_a_run_that_lost_its_answers_is_trained_again(comparison, tmp_path):
    comparison()
    (tmp_path / "here" / "mlp" / "seed-1" / "answers.npy").unlink()
    assert comparison()[1] == [("mlp", 1)]


def test_an_interrupted_comparison_goes_on(comparison, splits, tmp_path):
    def stop_at(label, seed):
        def told(progress):
            if (label, seed) == ("fast", 0):
                raise KeyboardInterrupt

        return told

    with pytest.raises(KeyboardInterrupt):
        comparison(on_plan=lambda *_: stop_at)
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
    assert [path.name for path in (tmp_path / "here").iterdir()] == ["mlp"]
    outcome, trained = comparison()
    assert trained == BOTH[2:]
    shutil.rmtree(tmp_path / "here")
    accuracies = [recipe["accuracy"] for recipe in comparison()[0]["recipes"]]
    assert accuracies == [recipe["accuracy"] for recipe in outcome["recipes"]]


def test_one_interrupted_before_anything_is_finished_leaves_nothing(comparison, tmp_path):
    def stop(label, seed):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        comparison(on_plan=lambda *_: stop)
    assert list(tmp_path.iterdir()) == []


def test_the_engine_asked_for_is_the_one_whose_runs_count(comparison):
    comparison()
    assert comparison(engine="native")[1] == []
    outcome, trained = comparison(engine="keras", seeds=1)
    assert trained == [("mlp", 0), ("fast", 0)]
    assert outcome["recipes"][0]["engines"] == ["keras"]


def test_one_content_under_two_names_is_trained_once(comparison):
    outcome, trained = comparison([FAST, replace(FAST, name="twin")])
    assert trained == [("fast", 0), ("fast", 1)]
    (pair,) = outcome["pairs"]
    assert (pair["difference"], pair["permutation"]["p"], pair["mcnemar"]["p"]) == (0, 1, 1)


def test_without_test_images_those_for_validation_are_compared(comparison, splits):
    outcome, _ = comparison(splits=Splits(splits.train, splits.validation, None), seeds=1)
    assert outcome["images"] == {"name": "MNIST validation images", "count": 60}
    assert outcome["recipes"][0]["accuracy"]["interval"] is None


def test_up_to_four_recipes_are_paired_all_and_more_with_the_first(comparison):
    several = [replace(FAST, name=f"r{number}", optimizer=SGD(0.1 * (number + 1))) for number in range(5)]
    four, _ = comparison(several[:4], seeds=1)
    five, trained = comparison(several, seeds=1)
    assert len(four["pairs"]) == 6
    assert [pair["second"] for pair in five["pairs"]] == ["r1", "r2", "r3", "r4"]
    assert trained == [("r4", 0)]


@pytest.mark.parametrize("recipes", [[], ["mlp"], ["mlp", "mlp"], [FAST, replace(FAST, epochs=9)]])
def test_fewer_than_two_recipes_or_two_of_one_name_are_refused(comparison, recipes):
    with pytest.raises(RecipeError, match="expected two or more, each once"):
        comparison(recipes)


def test_a_place_that_is_a_file_is_refused(comparison, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        comparison(folder=tmp_path / "file")
