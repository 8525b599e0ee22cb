import sys
from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

from tinydigits.data.dataset import Splits
from tinydigits.errors import ModelError, RecipeError
from tinydigits.formats.keras_file import read_keras
from tinydigits.recipes.load import name_of, recipe_from
from tinydigits.recipes.recipe import RECIPES, Adam, Recipe, fresh_model
from tinydigits.training import messages, pool, worker
from tinydigits.training import train as training
from tinydigits.training.seeds import train_seeds
from tinydigits.training.task import Place
from tinydigits.training.unsaved import seeded_model

NETS = """
from dataclasses import replace
import keras
from keras import layers
from tinydigits.recipes import RECIPES, Adam
import beside

def net(units=10, **compiled):
    model = keras.Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(units, activation="softmax")])
    if compiled:
        model.compile(**compiled)
    return model

def plain():
    return net(optimizer=keras.optimizers.Adam(beside.RATE), loss="categorical_crossentropy", metrics=["accuracy"])

def sparse():
    return net(optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

def faster():
    return replace(RECIPES["mlp"], optimizer=Adam(0.01), epochs=2)

def raises():
    raise ValueError("out of clay\\nand of patience")

def number():
    return 42

def argument(x):
    return x

constant = 3
"""


@pytest.fixture
def nets(empty_folder):
    """A folder with nets.py, which is where we are."""
    (empty_folder / "nets.py").write_text(NETS)
    (empty_folder / "beside.py").write_text("RATE = 0.25\n")
    yield empty_folder
    sys.path[:] = [entry for entry in sys.path if entry != str(empty_folder)]
    sys.modules.pop("beside", None)


@pytest.fixture
def splits(few_digits):
    return Splits(few_digits[:200], few_digits[200:], few_digits[:50])


def saved(path, **compiled):
    model = keras.Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation="softmax")])
    if compiled:
        model.compile(**compiled)
    model.save(path)
    return model


@pytest.mark.parametrize(
    ("text", "name"),
    [("cnn", "cnn"), ("nets.py:small", "small"), ("a/b.c/nets.py:small", "small"), ("a/b.keras", "b"), ("x", "x")],
)
def test_a_recipe_is_called_by_its_name_its_function_or_its_file(text, name):
    assert name_of(text) == name


def test_a_shipped_name_is_the_shipped_recipe_and_reads_no_file(empty_folder):
    (empty_folder / "cnn").write_text("not this")
    assert recipe_from("cnn") is RECIPES["cnn"]


def test_a_function_may_return_a_recipe_which_is_then_called_like_the_function(nets):
    recipe = recipe_from("nets.py:faster")
    assert recipe == replace(RECIPES["mlp"], name="faster", optimizer=Adam(0.01), epochs=2)
    assert isinstance(recipe, Recipe)


def test_a_function_may_return_a_compiled_model_and_its_file_finds_the_ones_beside_it(nets):
    recipe = recipe_from("nets.py:plain")
    described = recipe.as_json()
    assert (described["name"], described["model"]) == ("plain", "nets.py:plain")
    assert (described["epochs"], described["batch_size"]) == (5, 32)
    assert described["optimizer"]["name"] == "Adam"
    assert described["optimizer"]["learning_rate"] == 0.25
    assert described["loss"] == "categorical_crossentropy"
    assert recipe.build() is not recipe.build()


def test_each_seed_begins_with_its_own_weights_and_a_seed_always_with_the_same(nets):
    recipe = recipe_from("nets.py:plain")
    first, again, other = (seeded_model(recipe, seed, 100).get_weights()[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("function", ["plain", "sparse"])
def test_a_compiled_model_is_trained_with_its_own_loss(nets, splits, function):
    run = training.train(f"nets.py:{function}", splits=splits, epochs=2, folder="out")
    assert run.engine == "native"
    assert list(run.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert run.model.loss == ("sparse_categorical_crossentropy" if function == "sparse" else "categorical_crossentropy")
    assert (nets / "out" / "model.onnx").exists()


def test_a_keras_file_is_trained_on_from_where_it_was_saved(empty_folder, few_digits):
    model = saved("mine.keras")
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    x, y = few_digits.images / np.float32(255), np.eye(10)[few_digits.labels]
    model.fit(x, y, verbose=0)
    model.save("mine.keras")
    recipe = recipe_from("mine.keras")
    assert (recipe.name, recipe.epochs, recipe.batch_size) == ("mine", 5, 32)
    for seed in (0, 1):
        begun = seeded_model(recipe, seed, 100)
        for ours, theirs in zip(begun.get_weights(), model.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert int(begun.optimizer.iterations) == int(model.optimizer.iterations) > 0


def test_a_worker_trains_a_file_of_ones_own_as_it_is_trained_here(nets, splits):
    messages.write_splits(nets / "data.npz", splits)
    job = training.Job(training.chosen("nets.py:plain", 1), splits)
    task = pool.Task(job, "nets.py:plain", 1, Place(nets / "hidden", nets / "plain"))
    answer = worker.carry_out(task.order(nets / "data.npz"), lambda answer: None)
    alone = training.train("nets.py:plain", seed=1, epochs=1, splits=splits)
    assert (answer["done"]["model"], answer["done"]["folder"]) == ("plain", str(nets / "plain"))
    for one, other in zip(
        alone.model.get_weights(), read_keras(nets / "hidden" / "model.keras").get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)


@pytest.mark.long
def test_a_file_of_ones_own_is_trained_one_seed_a_core(nets, splits, monkeypatch):
    monkeypatch.setattr(pool, "available_cores", lambda: 2)
    outcome = train_seeds("nets.py:plain", [0, 1], epochs=1, splits=splits, folder="plain")
    alone = training.train("nets.py:plain", seed=1, epochs=1, splits=splits)
    together = read_keras(nets / "plain" / "seed-1" / "model.keras")
    assert [run["model"] for run in outcome["runs"]] == ["plain", "plain"]
    for one, other in zip(alone.model.get_weights(), together.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("resnet", f"found `resnet`; expected one of {', '.join(RECIPES)}, FILE.py:FUNCTION or FILE.keras"),
        ("nets.py", "found `nets.py`, without the name of a function"),
        ("nets.py:", "found `nets.py:`, without the name of a function"),
        ("gone.py:small", "found no file gone.py"),
        ("gone.keras", "found no file gone.keras"),
        ("nets.py:nothing", "found no function `nothing` in nets.py"),
        ("nets.py:constant", "found no function `constant`"),
        ("nets.py:raises", r"found ValueError: out of clay \(line 24 of nets.py\)"),
        ("nets.py:number", "found int; expected a Recipe or a compiled Keras model"),
        ("nets.py:argument", r"found TypeError: argument\(\) missing 1 required positional argument"),
        ("nets.py:net", "found a model that is not compiled"),
    ],
)
def test_what_cannot_be_trained_is_an_error_that_says_why(nets, text, message):
    with pytest.raises(RecipeError, match=message):
        recipe_from(text)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def f(:", r"SyntaxError: invalid syntax \(broken.py, line 1\)"),
        ("import sys; sys.exit(3)", r"SystemExit: 3 \(line 1 of broken.py\)"),
        ("def f(): return 1 / 0", r"ZeroDivisionError: division by zero \(line 1 of broken.py\)"),
        ("import no_such_module", "ModuleNotFoundError"),
    ],
)
def test_a_file_that_fails_is_an_error_that_shows_its_own(empty_folder, code, message):
    (empty_folder / "broken.py").write_text(code)
    with pytest.raises(RecipeError, match=message):
        recipe_from("broken.py:f")
    sys.path.remove(str(empty_folder))


def test_two_files_of_one_name_stay_apart(empty_folder):
    for folder in ("a", "b"):
        (empty_folder / folder).mkdir()
        (empty_folder / folder / "nets.py").write_text(
            "from dataclasses import replace\nfrom tinydigits.recipes.recipe import RECIPES\n"
            f"def f(): return replace(RECIPES['mlp'], epochs={ord(folder)})"
        )
    assert [recipe_from(f"{folder}/nets.py:f").epochs for folder in "ab"] == [97, 98]
    assert [sys.path.pop() for _ in "ab"] == [str(empty_folder / folder) for folder in "ba"]


def test_a_keras_file_that_runs_code_is_refused(empty_folder):
    model = keras.Sequential(
        [layers.Input((28, 28)), layers.Lambda(lambda x: x * 2), layers.Flatten(), layers.Dense(10)]
    )
    model.compile("sgd", "mse", metrics=["accuracy"])
    model.save("code.keras")
    with pytest.raises(ModelError, match="deserialization of a `Lambda` layer"):
        recipe_from("code.keras")


def test_a_keras_file_has_to_be_compiled(empty_folder):
    saved("raw.keras")
    with pytest.raises(RecipeError, match="a model that is not compiled"):
        recipe_from("raw.keras")
    saved("whole.keras", optimizer="sgd", loss="mse", metrics=["accuracy"])
    assert fresh_model(recipe_from("whole.keras"), 100).compiled


def test_no_epochs_are_refused(empty_folder):
    saved("whole.keras", optimizer="sgd", loss="mse", metrics=["accuracy"])
    with pytest.raises(RecipeError, match="epochs=0"):
        training.train("whole.keras", epochs=0)
