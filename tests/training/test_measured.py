import numpy as np
import pytest

from tinydigits.data.dataset import Splits
from tinydigits.evaluation.metrics import log_loss
from tinydigits.recipes.identity import data_hash
from tinydigits.recipes.recipe import RECIPES
from tinydigits.system.stopwatch import Stopwatch
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
