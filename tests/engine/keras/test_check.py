"""The proof: right code passes, wrong code is caught, and the verdict is remembered."""

import errno
import json
from pathlib import Path

import keras
import numpy as np
import pytest

from helpers.native import fit
from helpers.programs import program_of
from helpers.small_models import pairs, small_model
from tinydigits.engine.compiler.build import KERNELS, build
from tinydigits.engine.compiler.emit import emit
from tinydigits.engine.compiler.planner import make_plan
from tinydigits.engine.fit import compiled, network_of
from tinydigits.engine.keras import check
from tinydigits.engine.keras.settings import read_settings
from tinydigits.engine.runtime.program import Program
from tinydigits.errors import DisagreementError
from tinydigits.system.notes import Note


def proof(change, tmp_path, optimizer="adam", loss="mean_squared_error"):
    """The proof of a program whose C has been changed."""
    model = small_model(optimizer, loss)
    network, settings = network_of(model), read_settings(model)
    plan = make_plan(network, settings.loss, settings.rule)
    program = Program(plan, build(change(emit(plan)), tmp_path))
    check.prove(program, network, model, tmp_path / "verdict.json")


def test_right_code_passes(tmp_path):
    proof(lambda source: source, tmp_path)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("squared_error(CLASSES", "1.001f * squared_error(CLASSES"),  # the loss
        ("softmax_gradient(CLASSES, v->p, dp", "softmax_gradient(CLASSES, v->p, v->p"),  # every gradient
        (", g + 0, g + 32)", ", g + 0, g + 16)"),  # one bias gradient in another's place
        ("#define update adam", "#define update sgd"),  # the optimiser
    ],
)
def test_wrong_code_is_caught(tmp_path, right, wrong):
    def broken(source):
        assert right in source
        return source.replace(right, wrong)

    with pytest.raises(DisagreementError):
        proof(broken, tmp_path)


def with_header(source, right="", wrong=""):
    """The source with the optimiser's and the driver's headers written into it, and changed there."""
    for name in ("optimizer", "training"):
        header = (KERNELS / f"{name}.h").read_text()
        source = source.replace('#include "program.h"', f'{header.replace(right, wrong)}\n#include "program.h"')
    return source.replace('#include "optimizer.h"\n', "")


@pytest.mark.parametrize(
    ("optimizer", "right", "wrong"),
    [
        ("sgd", "w - w * rule.weight_decay * rule.learning_rate", "w - w * rule.weight_decay"),
        ("nesterov", "w - w * rule.weight_decay * rule.learning_rate", "w"),
        ("adam", "w - w * rule.weight_decay * rule.learning_rate", "w"),
        ("sgd", "step == 1 ? 0 : rule.averaging", "rule.averaging"),
        ("adam", "load(weights + i) * (1 - kept)", "load(weights + i) * kept"),
        ("adam", "average(rule, to,", "average(rule, t->weights[step.current],"),
        ("sgd", "t->rates[step.index]", "t->rates[0]"),
        ("adam", "t->iterations + step.index + 1", "t->iterations + 1"),
    ],
)
def test_wrong_optimisers_are_caught_whatever_the_model_asks_for(tmp_path, optimizer, right, wrong):
    with pytest.raises(DisagreementError, match="the optimiser"):
        proof(lambda source: with_header(source, right, wrong), tmp_path, optimizer)


def test_the_headers_written_into_the_source_are_right_without_a_change(tmp_path):
    proof(with_header, tmp_path)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_another_label_smoothing_is_another_proof(tmp_path, smoothing):
    verdict = tmp_path / "verdict.json"
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    proof(lambda source: source, tmp_path, loss=loss)
    known = json.loads(verdict.read_text())
    verdict.write_text(json.dumps({**known, "label_smoothing": smoothing, "disagreement": "long ago"}))
    if smoothing == 0.1:
        with pytest.raises(DisagreementError, match="long ago"):
            proof(lambda source: source, tmp_path, loss=loss)
    else:
        proof(lambda source: source, tmp_path, loss=loss)


def test_smoothing_that_the_engine_forgets_is_caught(tmp_path, monkeypatch):
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    monkeypatch.setattr(check, "distributions", lambda examples, smoothing, name: examples)
    with pytest.raises(DisagreementError):
        proof(lambda source: source, tmp_path, loss=loss)


def test_the_verdict_is_remembered(tmp_path, monkeypatch):
    proof(lambda source: source, tmp_path)
    monkeypatch.setattr(check, "disagreement", lambda *arguments: pytest.fail("proven twice"))
    proof(lambda source: source, tmp_path)


def test_another_version_of_keras_is_another_proof(tmp_path):
    verdict = tmp_path / "verdict.json"
    verdict.write_text(json.dumps({"keras": "2.0", "backend": "tensorflow", "disagreement": "long ago"}))
    proof(lambda source: source, tmp_path)
    assert json.loads(verdict.read_text())["disagreement"] is None


@pytest.mark.parametrize("text", ["", "[]", '{"keras"', '{"keras": "3"}'])
def test_a_damaged_verdict_is_no_verdict(tmp_path, text):
    (tmp_path / "verdict.json").write_text(text)
    proof(lambda source: source, tmp_path)


def test_a_cache_that_cannot_take_the_verdict_is_only_a_note(tmp_path, monkeypatch):
    def full_disk(file, text, *_):
        file.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full_disk)
    with pytest.warns(Note, match="the cache cannot keep"):
        check.write_verdict(tmp_path / "verdict.json", {})
    assert list(tmp_path.iterdir()) == []


def test_a_verdict_that_cannot_be_read_is_no_verdict(tmp_path):
    assert check.read_verdict(tmp_path) == {}


def test_a_disagreement_keeps_the_engine_from_training(monkeypatch):
    monkeypatch.setattr(check, "difference", lambda ours, theirs, least=0.0: 0.5)
    monkeypatch.setattr(check, "read_verdict", lambda file: {})
    monkeypatch.setattr(check, "write_verdict", lambda file, verdict: None)
    model = small_model()
    before = model.get_weights()
    with pytest.raises(DisagreementError, match=r"off by 5\.0e-01"):
        fit(model, *pairs(20))
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


def test_a_number_that_is_none_differs_from_everything():
    assert check.difference(np.float32(np.nan), np.float32(1)) == float("inf")


def test_the_proof_does_not_touch_the_model():
    model = small_model()
    before = model.get_weights()
    compiled(model, network_of(model), read_settings(model), None)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert program_of(network_of(model)).plan.classes == 4
