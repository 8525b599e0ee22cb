"""Exports end with a proof of what was written."""

import json
import re

import numpy as np
import pytest

from tinydigits.errors import CompilerError, ImageShapeError, OutputError
from tinydigits.export import export_c as module
from tinydigits.export import prove
from tinydigits.export.export_c import Options, export_c
from tinydigits.formats.model_file import load_network
from tinydigits.network.network import Network


@pytest.fixture
def exported(few_digits, tmp_path):
    """Gives a function that exports `cnn`, or another net, and returns the outcome, the path and the warnings."""

    def run(name="cnn", network=None, **options):
        path, warnings = tmp_path / "out.h", []
        outcome = export_c(
            network or load_network(name)[0],
            name,
            path,
            Options(**options),
            calibration=few_digits.images[:32],
            on_warning=warnings.append,
            dataset=few_digits[:100],
        )
        return outcome, path, warnings

    return run


@pytest.mark.parametrize("options", [{"int8": True}, {}, {"int8": True, "single_header": True}])
def test_the_c_answers_every_image_as_numpy_does(exported, options):
    outcome, path, warnings = exported(**options)
    assert (outcome.checked_images, outcome.disagreements, warnings) == (100, 0, [])
    assert outcome.max_abs_difference < (1e-9 if options.get("int8") else 1e-3)
    written = [path] if path.is_file() else [path / "src" / name for name in ("digits.c", "digits.h")]
    assert outcome.bytes == sum(file.stat().st_size for file in written)


def test_a_difference_in_one_bias_is_found(exported, monkeypatch):
    right = module.emit.source
    first_bias = r"(layer0_biases\[\d+\] TABLE = \{\s*)-?\d+"
    monkeypatch.setattr(module.emit, "source", lambda program: re.sub(first_bias, r"\g<1>30000", right(program)))
    outcome, path, _ = exported(int8=True)
    assert 0 < outcome.disagreements <= outcome.checked_images
    assert len(outcome.differing) == min(outcome.disagreements, prove.MOST_NAMED)
    assert path.exists()


def test_without_a_compiler_the_export_is_unproven(exported, monkeypatch):
    monkeypatch.setattr(prove, "candidates", lambda: [])
    outcome, path, warnings = exported(int8=True)
    assert (outcome.checked_images, outcome.disagreements) == (0, 0)
    assert "unproven" in warnings[0]
    assert "pip install ziglang" in warnings[0]
    assert (path / "src" / "digits.c").exists()


def test_code_that_does_not_compile_is_a_failure(exported, monkeypatch):
    monkeypatch.setattr(module.emit, "source", lambda program: "int digits_predict(")
    with pytest.raises(CompilerError, match="exit status"):
        exported(int8=True)


@pytest.mark.parametrize(("limit", "unit"), [("max_flash", "flash"), ("max_ram", "RAM")])
def test_limits_refuse_with_the_numbers(exported, limit, unit):
    with pytest.raises(OutputError, match=rf"found [\d,]+ bytes of {unit}; expected at most 100"):
        exported(int8=True, **{limit: 100})
    assert exported(int8=True, **{limit: 100_000})[0].disagreements == 0


def test_what_exists_is_kept_unless_told_otherwise(exported):
    _, path, _ = exported(int8=True)
    with pytest.raises(OutputError, match="--overwrite"):
        exported(int8=True)
    before = (path / "src" / "digits.c").read_text()
    exported(overwrite=True)
    assert (path / "src" / "digits.c").read_text() != before


@pytest.mark.parametrize("at", [(module, "integer_scores"), (prove, "answers"), (module, "library_files")])
def test_an_interruption_leaves_nothing(exported, monkeypatch, at, tmp_path):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(*at, interrupted)
    with pytest.raises(KeyboardInterrupt):
        exported(int8=True)
    assert list(tmp_path.iterdir()) == []


def test_a_net_of_another_size_is_refused(exported):
    network = load_network("mlp")[0]
    small = Network((7, 112), network.layers)
    with pytest.raises(ImageShapeError, match="7 × 112"):
        exported(network=small)


def test_the_head_comment_states_what_was_measured(exported):
    outcome, path, _ = exported(int8=True)
    text = (path / "src" / "digits.h").read_text()
    network = load_network("cnn")[0]
    for expected in (
        "9,940 parameters, int8",
        f"{100 * outcome.accuracy:.2f} % of 100 test images",
        network.weights_sha256,
        f"{outcome.flash:,} bytes",
        f"{outcome.ram:,} bytes",
        "45,080 multiply-adds",
        "proven from the weights",
    ):
        assert expected in text


def test_float_differences_count_by_label_alone():
    expected = np.array([[0.1, 0.9], [0.8, 0.2]], np.float32)
    near = prove.compared(np.array([1, 0]), expected + np.float32(1e-6), expected)
    assert (len(near.wrong), near.checked) == (0, 2)
    other = prove.compared(np.array([1, 1]), expected, expected)
    assert other.wrong.tolist() == [1]


def test_integer_scores_must_be_the_same_not_only_the_label():
    expected = np.array([[10, 90], [80, 20]])
    proof = prove.compared(np.array([1, 0]), expected + np.array([[0, 0], [0, 1]]), expected)
    assert (proof.wrong.tolist(), proof.largest) == ([1], 1.0)


def test_outcomes_are_plain_json(exported):
    outcome, _, _ = exported(int8=True)
    report = json.loads(json.dumps(outcome.as_json()))
    assert list(report)[:6] == ["to", "path", "bytes", "checked_images", "disagreements", "max_abs_difference"]
