from dataclasses import replace

import pytest

from tinydigits.recipes.optimizers import SGD
from tinydigits.recipes.recipe import RECIPES
from tinydigits.training import worker
from tinydigits.training.task import Task
from tinydigits.training.unsaved import Job

MLP = RECIPES["mlp"]
MINE = replace(MLP, batch_size=64, optimizer=SGD(0.1), epochs=3)


@pytest.mark.parametrize("recipe", [MLP, replace(MLP, epochs=3), MINE])
def test_a_worker_makes_the_recipe_of_a_task_from_its_order(recipe):
    order = Task(Job(recipe, None), "mlp", 0).order(None)
    assert worker.recipe_of(order["recipe"], tuple(order["changes"].items())) == recipe


def test_a_function_that_is_called_like_a_shipped_recipe_is_another_one():
    task = Task(Job(replace(MINE, name="mlp"), None), "nets.py:mlp", 0)
    assert task.changes() == {"epochs": 3}


def test_what_a_sweep_changes_is_told_to_a_worker_for_any_recipe():
    settings = {"optimizer.learning_rate": 0.1, "batch_size": 64}
    assert Task(Job(MINE, None), "nets.py:mlp", 0, settings=settings).changes() == {**settings, "epochs": 3}
    order = Task(Job(MINE, None), "mlp", 0, settings=settings).order(None)
    assert worker.recipe_of("mlp", tuple(order["changes"].items())) == MINE
