import json
import shutil
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

import tinydigits
from helpers.same_runs import assert_same_run, timeless
from helpers.small_models import OPTIMIZERS, pairs, small_model
from tinydigits.data.dataset import Splits
from tinydigits.errors import CheckpointError, OutputError, RecipeError
from tinydigits.formats import checkpoint_file
from tinydigits.recipes.recipe import RECIPES, Adam
from tinydigits.training import checkpoints, pool
from tinydigits.training import run as training_run
from tinydigits.training.checkpoints import Checkpoint
from tinydigits.training.seeds import train_seeds

RATE = "optimizer.learning_rate"
# Optimisers of the default tests: all kinds of state among them.
QUICK = ("sgd", "averaging")


@pytest.fixture(scope="module")
def splits(whole_mnist):
    return Splits(whole_mnist.train[:300], whole_mnist.validation[:60], whole_mnist.test[:60])


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch):
    monkeypatch.setattr(training_run, "draw", lambda run, folder: None)


def ended_after(epoch):
    """Progress callback that ends a training as Ctrl-C does, once so many epochs are done."""

    def tell(progress):
        if progress.epoch_ended and progress.epoch == epoch:
            raise KeyboardInterrupt

    return tell


def ended(recipe, epoch, **settings):
    with pytest.raises(KeyboardInterrupt):
        tinydigits.train(recipe, on_progress=ended_after(epoch), **settings)


@pytest.fixture(scope="module")
def begun(splits, tmp_path_factory):
    """A folder with the checkpoint of a training that was ended after two of four epochs."""
    place = tmp_path_factory.mktemp("begun")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_run, "draw", lambda run, folder: None)
        ended("mlp", 2, seed=3, epochs=4, splits=splits, folder=place / "mlp", checkpoint_every=1)
    assert [path.name for path in place.iterdir()] == ["mlp.checkpoint"]
    return place


@pytest.fixture
def place(begun, tmp_path):
    """A copy of it."""
    shutil.copy(begun / "mlp.checkpoint", tmp_path)
    return tmp_path / "mlp"


def resumed(place, splits, recipe="mlp", **settings):
    return tinydigits.train(
        recipe, **{"seed": 3, "epochs": 4, "splits": splits, "folder": place, "resume": True, **settings}
    )


@pytest.mark.parametrize("engine", ["native", "keras"])
def test_a_training_that_goes_on_ends_as_if_it_had_never_been_ended(engine, splits, tmp_path):
    settings = {"seed": 3, "epochs": 3, "splits": splits, "engine": engine, "checkpoint_every": 1}
    tinydigits.train("cnn", folder=tmp_path / "whole", **settings)
    ended("cnn", 2, folder=tmp_path / "ended", **settings)
    told = []
    run = tinydigits.train("cnn", folder=tmp_path / "ended", resume=True, on_progress=told.append, **settings)
    assert {progress.epoch for progress in told} == {3}
    assert len(run.history["loss"]) == 3
    assert_same_run(tmp_path / "whole", tmp_path / "ended")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ended", "whole"]


def test_natively_checkpoints_change_nothing(splits, tmp_path):
    for name, every in (("with", 1), ("without", None)):
        tinydigits.train("cnn", epochs=2, splits=splits, folder=tmp_path / name, checkpoint_every=every)
    assert_same_run(tmp_path / "with", tmp_path / "without")


@pytest.mark.parametrize(
    "optimizer",
    [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in OPTIMIZERS],
)
def test_fit_goes_on_with_every_optimiser(optimizer, tmp_path):
    x, y = pairs(40)
    settings = {"epochs": 4, "seed": 7, "batch_size": 8, "verbose": 0, "engine": "native"}

    def trained(callbacks=(), **checkpoint):
        model = small_model(optimizer, dropout=0.3)
        kept = Checkpoint(tmp_path / "a.checkpoint", **checkpoint)
        return model, tinydigits.fit(model, x, y, callbacks=list(callbacks), checkpoint=kept, **settings)

    class End(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 3:
                raise KeyboardInterrupt

    whole, history = trained()
    with pytest.raises(KeyboardInterrupt):
        trained([End()], every=2)
    assert checkpoint_file.read(tmp_path / "a.checkpoint").epochs == 2
    model, again = trained(resume=True)
    assert (again.history, again.epoch) == (history.history, history.epoch)
    for one, other in zip(checkpoints.variables_of(whole), checkpoints.variables_of(model), strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(one), keras.ops.convert_to_numpy(other))


@pytest.mark.parametrize(("every", "written"), [(1, [1, 2, 3, 4]), (2, [2, 4]), (3, [3]), (5, []), (9, [])])
def test_a_checkpoint_is_written_after_every_nth_epoch_but_the_last(every, written, tmp_path, monkeypatch):
    epochs = []
    monkeypatch.setattr(checkpoints.checkpoint_file, "write", lambda path, saved: epochs.append(saved.epochs))
    x, y = pairs(8)
    tinydigits.fit(small_model(), x, y, epochs=5, verbose=0, checkpoint=Checkpoint(tmp_path / "a", every))
    assert epochs == written


def test_a_resumed_training_keeps_as_often_as_the_first(place, splits):
    ended("mlp", 3, seed=3, epochs=4, splits=splits, folder=place, resume=True)
    assert checkpoint_file.read(place.with_name("mlp.checkpoint")).epochs == 3


def another_optimizer():
    return replace(RECIPES["mlp"], optimizer=Adam(0.01))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 4}, "training with seed 3; expected seed 4"),
        ({"epochs": 5}, "training with epochs 4; expected epochs 5"),
        ({"recipe": "cnn"}, "training with other layers"),
        ({"recipe": another_optimizer()}, "training with other loss or optimiser"),
        ({"settings": {RATE: 0.5}}, f"training with setting {RATE} 0.01; expected setting {RATE} 0.5"),
        ({"settings": {"averaging": 0.5}}, "training with setting averaging none; expected setting averaging 0.5"),
        ({"recipe": replace(RECIPES["mlp"], batch_size=16)}, "training with batch size 32; expected batch size 16"),
        ({"pixels": "0-255"}, "training with pixels 0-1; expected pixels 0-255"),
        ({"engine": "keras"}, "training by the native engine; expected one by Keras' own fit"),
    ],
)
def test_another_training_is_refused_in_plain_words(change, message, place, splits):
    checkpoint = place.with_name("mlp.checkpoint")
    before = checkpoint.read_bytes()
    with pytest.raises(CheckpointError, match=rf"mlp\.checkpoint: found a checkpoint of a {message}"):
        resumed(place, splits, **change)
    assert [path.name for path in place.parent.iterdir()] == ["mlp.checkpoint"]
    assert checkpoint.read_bytes() == before


def test_other_data_are_refused(place, splits):
    images = splits.train.images.copy()
    images[7, 14, 14] ^= 1
    other = Splits(replace(splits.train, images=images), splits.validation, splits.test)
    with pytest.raises(CheckpointError, match="with other training images or labels"):
        resumed(place, other)


def test_other_versions_are_refused(place, splits, monkeypatch):
    monkeypatch.setattr(checkpoints, "deciding_versions", lambda backend: {"keras": "4.0"})
    with pytest.raises(CheckpointError, match="with other versions of Keras, its backend, NumPy or tinydigits"):
        resumed(place, splits)


def test_a_damaged_checkpoint_is_refused_and_named(place, splits):
    checkpoint = place.with_name("mlp.checkpoint")
    content = bytearray(checkpoint.read_bytes())
    content[len(content) // 2] ^= 16
    checkpoint.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"mlp\.checkpoint: found bytes that differ .* remove it to begin anew"):
        resumed(place, splits)
    assert checkpoint.read_bytes() == content


def test_without_a_checkpoint_the_training_begins(splits, tmp_path):
    assert len(resumed(tmp_path / "mlp", splits).history["loss"]) == 4


def test_a_finished_run_is_read_and_not_trained_again(place, splits):
    first = resumed(place, splits)
    before = (place / "report.json").read_bytes()
    told = []
    again = resumed(place, splits, on_progress=told.append)
    assert told == []
    assert (place / "report.json").read_bytes() == before
    assert timeless(first.as_json()) == timeless(again.as_json())
    assert (again.history, again.folder) == (first.history, place)
    np.testing.assert_array_equal(first.answers, again.answers)


def test_a_finished_run_of_another_training_is_not_touched_unless_it_may_be_replaced(place, splits):
    resumed(place, splits)
    with pytest.raises(OutputError, match="a finished run of another recipe, seed or data"):
        resumed(place, splits, seed=4)
    assert json.loads((place / "report.json").read_text())["seed"] == 3
    assert resumed(place, splits, seed=4, overwrite=True).seed == 4
    assert json.loads((place / "report.json").read_text())["seed"] == 4


def test_a_checkpoint_is_not_forgotten_by_a_new_training(place, splits):
    settings = {"seed": 3, "epochs": 1, "splits": splits, "folder": place}
    with pytest.raises(OutputError, match=r"the checkpoint of a training that did not end; .*Pass --resume"):
        tinydigits.train("mlp", **settings)
    with pytest.raises(OutputError, match="the checkpoint of a training that did not end"):
        train_seeds("mlp", [0], epochs=1, splits=splits, folder=place)
    tinydigits.train("mlp", overwrite=True, **settings)
    assert [path.name for path in place.parent.iterdir()] == ["mlp"]


def test_two_trainings_do_not_go_on_into_one_folder(place, splits):
    def second(progress):
        with pytest.raises(OutputError, match="another training that is filling it; expected one at a time"):
            resumed(place, splits)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        resumed(place, splits, on_progress=second)


@pytest.mark.parametrize("argument", [{"checkpoint_every": 1}, {"resume": True}])
def test_checkpoints_need_a_folder(argument, splits):
    with pytest.raises(RecipeError, match="found no folder"):
        tinydigits.train("mlp", splits=splits, **argument)


@pytest.mark.parametrize("every", [0, -1, 1.5])
def test_a_senseless_number_of_epochs_is_refused(every, tmp_path):
    with pytest.raises(RecipeError, match="checkpoint_every"):
        Checkpoint(tmp_path / "a", every)


def test_seeds_go_on_and_finished_ones_are_not_trained_again(splits, tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "available_cores", lambda: 1)
    settings = {"epochs": 4, "splits": splits, "checkpoint_every": 1}
    whole = train_seeds("mlp", [0, 1, 2], folder=tmp_path / "whole", **settings)
    for seed in (0, 1):  # ended in its first seed, and then in its second

        def end(each, progress, seed=seed):
            if (each, progress.epoch, progress.epoch_ended) == (seed, 2, True):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train_seeds("mlp", [0, 1, 2], folder=tmp_path / "ended", resume=True, on_progress=end, **settings)
        assert (tmp_path / f"ended.seed-{seed}.checkpoint").exists()
    assert [path.name for path in (tmp_path / "ended").iterdir()] == ["seed-0"]
    told = []
    settings |= {"resume": True, "on_progress": lambda seed, progress: told.append((seed, progress.epoch))}
    outcome = train_seeds("mlp", [0, 1, 2], folder=tmp_path / "ended", **settings)
    assert sorted(set(told)) == [(1, 3), (1, 4), (2, 1), (2, 2), (2, 3), (2, 4)]
    assert outcome["summary"] == whole["summary"]
    for seed in (0, 1, 2):
        assert_same_run(tmp_path / "whole" / f"seed-{seed}", tmp_path / "ended" / f"seed-{seed}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ended", "whole"]
    told.clear()
    assert train_seeds("mlp", [0, 1, 2], folder=tmp_path / "ended", **settings) == outcome
    assert told == []
    with pytest.raises(OutputError, match="a finished run of another recipe"):
        train_seeds("cnn", [0, 1, 2], folder=tmp_path / "ended", **settings)


@pytest.mark.long
def test_processes_of_a_pool_keep_checkpoints_too(splits, tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "available_cores", lambda: 2)
    place = tmp_path / "mlp"

    def end(seed, progress):
        if progress.epoch_ended and progress.epoch > 2 and run_has(place, seed):
            raise KeyboardInterrupt

    def run_has(place, seed):
        return Path(f"{place}.seed-{seed}.checkpoint").exists()

    settings = {"epochs": 30, "splits": splits, "folder": place}
    with pytest.raises(KeyboardInterrupt):
        train_seeds("mlp", [0, 1], checkpoint_every=1, on_progress=end, **settings)
    kept = {seed for seed in (0, 1) if run_has(place, seed)}
    assert kept
    done = {seed: checkpoint_file.read(Path(f"{place}.seed-{seed}.checkpoint")).epochs for seed in kept}
    told = []
    train_seeds("mlp", [0, 1], resume=True, on_progress=lambda *each: told.append(each), **settings)
    for seed in kept:
        assert min(progress.epoch for each, progress in told if each == seed) == done[seed] + 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mlp"]
