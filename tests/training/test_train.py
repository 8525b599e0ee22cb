import csv
import json
import os
import subprocess
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest

import tinydigits
from tinydigits.augmentation.settings import AFFINE
from tinydigits.data.dataset import Splits
from tinydigits.errors import ImageShapeError, OutputError, TrainingError
from tinydigits.evaluation.report import evaluate
from tinydigits.formats import model_file
from tinydigits.formats.onnx import file as onnx_file
from tinydigits.recipes.keras_recipe import KerasRecipe
from tinydigits.recipes.recipe import RECIPES
from tinydigits.shipped.results import PUBLISHED
from tinydigits.training.train import chosen
from tinydigits.training.unsaved import Job, check_finite

FILES = [
    "answers.npy",
    "confusion.png",
    "curves.png",
    "digits.png",
    "history.csv",
    "model.keras",
    "model.onnx",
    "report.json",
]


@pytest.fixture(scope="module")
def splits(whole_mnist):
    """Enough to learn something from in a second."""
    return Splits(whole_mnist.train[:2000], whole_mnist.validation[:500], whole_mnist.test[:1000])


@pytest.fixture(scope="module")
def run(splits, tmp_path_factory):
    return tinydigits.train("cnn", seed=3, epochs=2, splits=splits, folder=tmp_path_factory.mktemp("runs") / "cnn")


def test_a_run_folder_holds_everything(run):
    assert sorted(path.name for path in run.folder.iterdir()) == FILES


def test_the_report_is_the_json_object(run):
    report = json.loads((run.folder / "report.json").read_text())
    assert report == run.as_json()
    assert list(report) == [
        "model",
        "seed",
        "engine",
        "parameters",
        "epochs",
        "settings",
        "fit_seconds",
        "seconds",
        "timings",
        "accuracy",
        "folder",
        "identity",
        "pixels",
        "notes",
    ]
    assert list(report["timings"]) == ["prepare", "fit", "score", "calibrate", "save", "pictures"]
    assert sum(report["timings"].values()) <= report["seconds"] + 0.01
    assert list(report["accuracy"]) == ["train", "validation", "test"]
    assert (report["model"], report["seed"], report["parameters"], report["epochs"]) == ("cnn", 3, 9940, 2)


def test_the_history_has_a_row_an_epoch(run):
    with (run.folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert float(rows[-1]["val_accuracy"]) == run.accuracy["validation"]
    assert float(rows[-1]["accuracy"]) == run.accuracy["train"]


def test_the_net_has_learned(run):
    assert run.accuracy["test"] > 0.5


def test_the_onnx_file_says_where_it_comes_from(run):
    network, metadata = onnx_file.read(run.folder / "model.onnx")
    assert network.parameters == 9940
    assert (metadata.name, metadata.seed, metadata.scores) == ("cnn", 3, run.accuracy)
    assert metadata.recipe["epochs"] == 2
    assert {"python", "tinydigits", "keras", "numpy"} < set(metadata.versions)


def test_both_saved_models_score_as_reported(run, splits):
    for name in ("model.keras", "model.onnx"):
        loaded = model_file.load(str(run.folder / name))
        assert evaluate(loaded.predict, splits.test).accuracy == run.accuracy["test"]
    probabilities = model_file.load(str(run.folder)).predict(splits.test.images)
    assert np.abs(probabilities - run.report.probabilities).max() < 1e-5


@pytest.mark.parametrize("backend", ["tensorflow", pytest.param("jax", marks=pytest.mark.long)])
def test_stock_keras_loads_the_model_and_scores_the_same(run, splits, tmp_path, backend):
    np.savez(tmp_path / "test.npz", x=splits.test.images, y=splits.test.labels)
    script = f"""
import os, sys
os.environ["KERAS_BACKEND"] = "{backend}"
import keras, numpy as np
data = np.load(r"{tmp_path / "test.npz"}")
model = keras.saving.load_model(r"{run.folder / "model.keras"}")
answers = model.predict(data["x"][..., None] / np.float32(255), verbose=0).argmax(axis=1)
assert not any(name.startswith("tinydigits") for name in sys.modules)
print(np.mean(answers == data["y"]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300, check=True)
    assert float(done.stdout.split()[-1]) == run.accuracy["test"]


def test_one_seed_gives_the_same_run_again_and_another_seed_another(run, splits):
    again = tinydigits.train("cnn", seed=3, epochs=2, splits=splits)
    other = tinydigits.train("cnn", seed=4, epochs=2, splits=splits)
    assert again.accuracy == run.accuracy
    assert other.history["loss"] != run.history["loss"]
    assert again.folder is None


def test_a_recipes_augmentation_is_trained_with_and_told(splits):
    varied = replace(RECIPES["cnn"], augmentation=AFFINE)
    runs = [tinydigits.train(recipe, seed=3, epochs=1, splits=splits) for recipe in ("cnn", varied)]
    assert runs[0].history["loss"] != runs[1].history["loss"]
    assert [run.engine for run in runs] == ["native", "native"]
    assert runs[1].recipe.as_json()["augmentation"] == asdict(AFFINE)
    assert runs[1].published is None


def softmax_model(*first):
    """One dense layer behind `first`, compiled."""
    import keras
    from keras import layers

    model = keras.Sequential(
        [layers.Input((28, 28, 1)), *first, layers.Flatten(), layers.Dense(10, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def rescaling_model():
    """A model that scales its own pixels."""
    from keras import layers

    return softmax_model(layers.Rescaling(1 / 255))


def own(build):
    return KerasRecipe("own", "nets.py:own", build, {}, epochs=3)


def test_a_model_that_scales_its_own_pixels_is_given_them_unscaled(splits):
    rescaled, plain = (tinydigits.train(own(build), splits=splits) for build in (rescaling_model, softmax_model))
    assert (rescaled.pixels, plain.pixels) == ("0-255", "0-1")
    assert rescaled.history["loss"] == pytest.approx(plain.history["loss"], rel=1e-3)


def test_the_pixels_that_were_asked_for_are_trained_with_and_written(splits, tmp_path):
    run = tinydigits.train(own(softmax_model), splits=splits, pixels="0-255", folder=tmp_path / "run")
    usual = tinydigits.train(own(softmax_model), splits=splits)
    assert run.history["loss"][0] > 5 * usual.history["loss"][0]  # numbers 255 times as large
    assert (run.identity, run.as_json()["pixels"]) != (usual.identity, "0-255")
    for name in ("model.onnx", "model.keras"):
        loaded = model_file.load(str(run.folder / name))
        assert loaded.pixels == "0-255"
        assert evaluate(loaded.predict, splits.test).accuracy == run.accuracy["test"]


def test_an_existing_folder_is_kept_unless_told(run, splits):
    with pytest.raises(OutputError):
        tinydigits.train("cnn", epochs=1, splits=splits, folder=run.folder)


def test_images_of_another_size_are_refused_before_training(splits, tmp_path):
    small = type(splits.train)(splits.train.images[:, :20, :20], splits.train.labels)
    with pytest.raises(ImageShapeError, match="images of 20 × 20; expected 28 × 28"):
        tinydigits.train("mlp", splits=Splits(small, small, None), folder=tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_without_test_images_there_is_no_test_accuracy(splits, tmp_path):
    run = tinydigits.train("mlp", epochs=1, splits=Splits(splits.train, splits.validation, None), folder=tmp_path / "x")
    assert run.as_json()["accuracy"]["test"] is None
    assert run.judged is splits.validation
    assert sorted(path.name for path in (tmp_path / "x").iterdir()) == FILES


def test_a_loss_that_is_not_finite_is_an_error_that_names_the_epoch():
    check_finite({"loss": [0.5, 0.4]}, "cnn")
    with pytest.raises(TrainingError, match="a loss of nan in epoch 2"):
        check_finite({"loss": [0.5, float("nan")]}, "cnn")


def test_only_mnist_and_the_published_epochs_are_drawn_beside_the_published_figure(splits):
    cnn = RECIPES["cnn"]
    assert Job(cnn, None).published is PUBLISHED["cnn"]
    assert Job(cnn, splits).published is None
    assert Job(chosen(cnn, epochs=2), None).published is None


@pytest.mark.long
@pytest.mark.parametrize(("name", "low", "high"), [("cnn", 0.955, 0.975), ("mlp", 0.70, 0.92)])
def test_a_recipe_reaches_its_accuracy_on_all_of_mnist(name, low, high):
    assert low <= tinydigits.train(name).accuracy["test"] <= high


@pytest.mark.long
def test_jax_trains_as_well(digits_file, tmp_path):
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    command = [
        sys.executable,
        "-m",
        "tinydigits",
        "train",
        "cnn",
        "--epochs",
        "20",
        "--data",
        str(digits_file),
        "--json",
    ]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=True
    )
    assert json.loads(done.stdout)["accuracy"]["train"] > 0.5
    _, metadata = onnx_file.read(tmp_path / "cnn" / "model.onnx")
    assert "jax" in metadata.versions


@pytest.mark.long
@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_every_backend_trains_to_the_same_quality(backend):
    pytest.importorskip(backend, reason=f"the backend {backend} is not installed")
    script = f"""
import os
os.environ["KERAS_BACKEND"] = "{backend}"
import tinydigits
print(tinydigits.train("cnn", epochs=2).accuracy["test"])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=900, check=True)
    assert float(done.stdout.split()[-1]) > 0.94
