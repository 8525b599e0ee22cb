from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from tinydigits.data.dataset import Splits
from tinydigits.evaluation.metrics import log_loss
from tinydigits.recipes.identity import data_hash
from tinydigits.recipes.recipe import RECIPES
from tinydigits.system.notes import Note
from tinydigits.system.stopwatch import Stopwatch
from tinydigits.training.checkpoints import Checkpoint
from tinydigits.training.measured import measured
from tinydigits.training.train import chosen, train
from tinydigits.training.unsaved import Job, possible_identities, prepared


def test_the_figures_are_those_of_a_run_that_is_kept(whole_mnist):
    splits = Splits(whole_mnist.train[:600], whole_mnist.validation[:200], whole_mnist.test[:300])
    job = Job(chosen(RECIPES["mlp"], 1), splits)
    figures = measured(job, 3)
    kept = train("mlp", seed=3, epochs=1, splits=splits)
    assert figures["identity"] == kept.identity
    assert {name: figures[f"{name}_accuracy"] for name in kept.accuracy} == pytest.approx(kept.accuracy)
    probabilities = np.asarray(kept.model.predict(splits.validation.images / np.float32(255), verbose=0))
    assert figures["validation_loss"] == pytest.approx(log_loss(probabilities, splits.validation.labels), rel=1e-4)
    data, backend_name = prepared(splits, Stopwatch())
    expected = possible_identities(job, 3, (data_hash(data), len(data.train)), backend_name)
    assert figures["identity"] in expected


def test_without_test_images_there_is_no_test_accuracy(whole_mnist):
    splits = Splits(whole_mnist.train[:60], whole_mnist.validation[:20], None)
    assert measured(Job(chosen("mlp", 1), splits), 0)["test_accuracy"] is None


@pytest.fixture
def job(whole_mnist):
    splits = Splits(whole_mnist.train[:60], whole_mnist.validation[:20], whole_mnist.test[:20])
    return Job(chosen("mlp", 4), splits)


def timeless(figures):
    return {name: value for name, value in figures.items() if "seconds" not in name}


def end_after_two(progress):
    if progress.epoch_ended and progress.epoch == 2:
        raise KeyboardInterrupt


@pytest.mark.parametrize("damage", [False, True], ids=["whole", "damaged"])
def test_a_killed_training_goes_on_to_the_same_bits_or_begins_anew(damage, job, tmp_path):
    kept, told = Checkpoint(tmp_path / "a.checkpoint", 1, resume=True), []
    with pytest.raises(KeyboardInterrupt):
        measured(job, 3, end_after_two, kept)
    if damage:
        kept.path.write_bytes(kept.path.read_bytes()[:-1])
    with pytest.warns(Note, match="begins anew") if damage else nullcontext():
        again = measured(job, 3, lambda progress: told.append(progress.epoch), kept)
    assert min(told) == (1 if damage else 3)
    assert timeless(again) == timeless(measured(job, 3))


def test_keras_own_fit_has_the_identity_of_its_order_of_images(job, tmp_path):
    by_keras = replace(job, engine="keras")
    data, backend_name = prepared(job.splits, Stopwatch())
    hashed = data_hash(data), len(data.train)
    kept = measured(by_keras, 3, None, Checkpoint(tmp_path / "a", 1, resume=True))["identity"]
    assert (kept,) == possible_identities(by_keras, 3, hashed, backend_name, ordered=True)
    assert (kept,) != possible_identities(by_keras, 3, hashed, backend_name)


def test_a_checkpoint_whose_folder_is_on_another_machine_is_kept_elsewhere(job, tmp_path):
    elsewhere = Checkpoint(tmp_path / "missing" / "a.checkpoint", 1, resume=True)
    assert timeless(measured(job, 3, None, elsewhere)) == timeless(measured(job, 3))
    assert list(tmp_path.iterdir()) == []
