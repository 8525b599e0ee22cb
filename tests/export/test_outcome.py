from pathlib import Path

import numpy as np
import pytest

from helpers.networks import images_for, odd_network
from tinydigits.errors import OutputError
from tinydigits.export.outcome import BATCH, file_outcome, float_scores, for_unit_pixels, refuse_taken
from tinydigits.export.prove import Proof

ANSWERS = np.eye(10, dtype=np.float32)[[1, 2, 3, 4]]


def outcome_of(answers):
    proof = Proof(len(ANSWERS), np.arange(100, 115), 0.25)
    labels, by_float_net = np.array([1, 2, 3, 9]), np.eye(10, dtype=np.float32)[[1, 0, 3, 4]]
    return file_outcome("onnx", Path("net.onnx"), 1234, proof, answers, by_float_net, labels)


def test_an_outcome_says_how_many_answers_are_right_and_how_many_rounding_changed():
    assert outcome_of(ANSWERS).as_json() == {
        "to": "onnx",
        "path": "net.onnx",
        "bytes": 1234,
        "checked_images": 4,
        "disagreements": 15,
        "max_abs_difference": 0.25,
        "accuracy": 0.75,
        "differing": tuple(range(100, 110)),
        "changed_answers": 1,
    }


def test_where_nothing_ran_the_file_its_accuracy_is_not_known():
    unproven = outcome_of(None)
    assert (unproven.accuracy, unproven.changed_answers) == (None, 0)


@pytest.mark.parametrize(
    ("taken", "overwrite", "refused"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_a_taken_name_is_refused_unless_it_may_be_replaced(tmp_path, taken, overwrite, refused):
    path = tmp_path / "net.onnx"
    if taken:
        path.touch()
    if refused:
        with pytest.raises(OutputError, match="--overwrite"):
            refuse_taken(path, overwrite)
    else:
        refuse_taken(path, overwrite)


def test_scores_are_those_of_the_net_however_many_images_there_are():
    network = odd_network()
    images = images_for(network, count=BATCH + 3)
    assert np.array_equal(float_scores(network, images), network.logits(images / np.float32(255)))


def test_a_net_for_bytes_is_made_one_for_unit_pixels_and_one_for_these_is_left():
    network = odd_network()
    assert for_unit_pixels(network, "0-1") is network
    images = images_for(network)
    for_bytes = for_unit_pixels(network, "0-255")
    assert np.allclose(float_scores(for_bytes, images), network.logits(images.astype(np.float32)), rtol=1e-3, atol=0.05)
