import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import keras
import numpy as np
import pytest

import tinydigits
from tinydigits.data.dataset import Splits
from tinydigits.errors import RecipeError
from tinydigits.evaluation.report import evaluate
from tinydigits.formats import model_file
from tinydigits.recipes import nets as models
from tinydigits.recipes.recipe import RECIPES, SGD, AdamW, OneCycle, Recipe, compiled, recipe_named
from tinydigits.training.fit import fit


def without_softmax():
    layers = keras.layers
    return keras.Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(10)])


MODERN = Recipe(
    "modern",
    without_softmax,
    AdamW(OneCycle(peak=0.02), weight_decay=0.02),
    epochs=3,
    batch_size=64,
    loss="categorical_crossentropy",
    label_smoothing=0.05,
    averaging=0.9,
)


def test_a_recipe_is_frozen():
    with pytest.raises(FrozenInstanceError):
        RECIPES["cnn"].epochs = 6


def test_an_unknown_name_is_refused_with_the_known_ones():
    assert recipe_named("cnn") is RECIPES["cnn"]
    with pytest.raises(RecipeError, match=r"`resnet`; expected one of mlp, cnn, sprint"):
        recipe_named("resnet")


@pytest.mark.parametrize("setting", ["epochs", "batch_size"])
def test_a_setting_below_one_is_refused(setting):
    with pytest.raises(RecipeError, match=f"{setting}=0"):
        replace(RECIPES["cnn"], **{setting: 0})


def test_settings_are_written_by_name():
    assert RECIPES["cnn"].as_json() == {
        "name": "cnn",
        "model": "cnn",
        "optimizer": {"name": "Adam", "learning_rate": 0.001},
        "loss": "mean_squared_error",
        "batch_size": 32,
        "epochs": 5,
    }


def test_everything_asked_for_is_written_down():
    assert MODERN.as_json() == {
        "name": "modern",
        "model": "without_softmax",
        "optimizer": {
            "name": "AdamW",
            "learning_rate": {"name": "OneCycle", "peak": 0.02, "warm_up": 0.15},
            "weight_decay": 0.02,
        },
        "loss": "categorical_crossentropy",
        "label_smoothing": 0.05,
        "averaging": 0.9,
        "batch_size": 64,
        "epochs": 3,
    }


@pytest.mark.parametrize("warm_up", [0.15, 0.3, 0.0])
@pytest.mark.parametrize("steps", [100, 430, 17])
def test_one_cycle_rises_in_a_line_and_falls_as_a_cosine(steps, warm_up):
    schedule = OneCycle(peak=0.02, warm_up=warm_up).schedule(steps)
    assert type(schedule) is keras.optimizers.schedules.CosineDecay
    rates = [float(keras.ops.convert_to_numpy(schedule(step))) for step in range(steps + 5)]
    part = np.arange(steps + 5) / steps
    down = np.where(part < 1, 0.5 * (1 + np.cos(np.pi * (part - warm_up) / (1 - warm_up))), 0)
    expected = 0.02 * np.where(part < warm_up, part / max(warm_up, 1e-9), down)
    np.testing.assert_allclose(rates, expected, rtol=1e-5, atol=2e-9)


def test_the_cycle_spans_all_steps_of_all_epochs():
    # 130 images make 3 batches of 64, three epochs 9 steps.
    schedule = compiled(MODERN, images=130).optimizer._learning_rate
    assert schedule.decay_steps + schedule.warmup_steps == 9


def test_a_cycle_must_know_how_many_images_there_are():
    with pytest.raises(RecipeError, match="depends on all steps"):
        compiled(MODERN)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"label_smoothing": 1.0}, "label_smoothing=1.0"),
        ({"loss": "mean_squared_error"}, "label_smoothing=0.05 for mean_squared_error"),
        ({"averaging": 1.0}, "averaging=1.0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(change, reason):
    with pytest.raises(RecipeError, match=reason):
        replace(MODERN, **change)


@pytest.mark.parametrize("warm_up", [-0.1, 1.0])
def test_a_warm_up_leaves_steps_to_fall_in(warm_up):
    with pytest.raises(RecipeError, match="warm_up"):
        OneCycle(0.1, warm_up)


def test_a_recipe_is_compiled_as_it_says():
    model = compiled(MODERN, images=130)
    optimizer, loss = model.optimizer, model.loss
    assert (type(optimizer), type(loss)) == (keras.optimizers.AdamW, keras.losses.CategoricalCrossentropy)
    assert (optimizer.weight_decay, optimizer.use_ema, optimizer.ema_momentum) == (0.02, True, 0.9)
    assert (loss.from_logits, loss.label_smoothing) == (True, 0.05)


def test_a_net_that_answers_with_probabilities_is_compared_by_them():
    recipe = Recipe("own", models.mlp, SGD(OneCycle(0.1)), epochs=1, loss="categorical_crossentropy")
    assert compiled(recipe, images=100).loss.from_logits is False


@pytest.fixture(scope="module")
def run(whole_mnist, tmp_path_factory):
    splits = Splits(whole_mnist.train[:1000], whole_mnist.validation[:500], whole_mnist.test[:500])
    folder = tmp_path_factory.mktemp("runs") / "modern"
    return splits, tinydigits.train(MODERN, splits=splits, folder=folder, engine="native")


def test_a_modern_recipe_trains_natively_and_is_scored_with_its_averages(run):
    splits, run = run
    assert run.engine == "native"
    assert run.accuracy["test"] > 0.7
    predict = model_file.load(str(run.folder / "model.onnx")).predict
    assert run.accuracy["validation"] == evaluate(predict, splits.validation).accuracy


def test_stock_keras_loads_what_a_modern_recipe_trained_and_trains_it_on(run, tmp_path):
    _, run = run
    script = f"""
import sys, keras, numpy as np
model = keras.saving.load_model(r"{run.folder / "model.keras"}", safe_mode=True)
assert not any(name.startswith("tinydigits") for name in sys.modules)
assert int(model.optimizer.iterations) == 3 * 16
model.fit(np.zeros((8, 28, 28), "float32"), np.eye(10)[:8], verbose=0)
print(float(model.optimizer.learning_rate))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300, check=True)
    assert float(done.stdout.split()[-1]) == pytest.approx(0, abs=1e-8)


def test_both_engines_train_a_modern_recipe_to_the_same_weights(few_digits):
    weights = []
    for engine in ("native", "keras"):
        keras.utils.set_random_seed(0)
        model = compiled(MODERN, images=len(few_digits))
        targets = np.eye(10, dtype=np.float32)[few_digits.labels]
        fit(
            model,
            few_digits.images,
            targets,
            batch_size=64,
            epochs=3,
            shuffle=False,
            engine=engine,
            pixels="0-1",
            verbose=0,
        )
        weights.append(model.get_weights()[0])
    np.testing.assert_allclose(*weights, rtol=1e-3, atol=2e-4)


@pytest.mark.parametrize("name", [pytest.param("pocket", marks=pytest.mark.long), "pocket-1k"])
def test_our_own_recipes_are_trained_by_the_engine(name, few_digits):
    keras.utils.set_random_seed(0)
    model = compiled(RECIPES[name], images=len(few_digits))
    targets = np.eye(10, dtype=np.float32)[few_digits.labels]
    settings = {"batch_size": 120, "epochs": 6, "augmentation": RECIPES[name].augmentation, "engine": "native"}
    losses = fit(model, few_digits.images, targets, pixels="0-1", verbose=0, **settings).history["loss"]
    assert losses[-1] < losses[0]
