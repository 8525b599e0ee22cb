import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tinydigits.formats import model_file
from tinydigits.formats.onnx.file import from_bytes, read, to_bytes


@pytest.fixture
def older(empty_folder):
    """A file without calibration."""
    network, metadata = from_bytes(model_file.shipped_bytes("cnn"), "cnn")
    Path("older.onnx").write_bytes(to_bytes(network, replace(metadata, temperature=1.0, rejection=None)))
    return "older.onnx"


@pytest.fixture
def digits(whole_mnist, empty_folder):
    """Enough digits that a twelfth of them can validate."""
    few = whole_mnist.train[:1500]
    np.savez("few.npz", images=few.images, labels=few.labels)
    return "few.npz"


def test_json_tells_what_was_fitted_and_where_it_is(command, older, digits):
    outcome = command("calibrate", older, "--data", digits, "--json")
    told = json.loads(outcome.stdout)
    _, metadata = read(Path(older))
    assert list(told) == ["model", "file", "temperature", "threshold", "pixels", "notes"]
    assert (told["file"], told["pixels"], told["notes"]) == (older, "0-1", [])
    assert (told["temperature"], told["threshold"]) == (metadata.temperature, metadata.rejection["threshold"])


def test_people_get_a_line_and_a_second_time_needs_overwrite(command, older, digits):
    done = command("calibrate", older, "--data", digits)
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.startswith("cnn: temperature ")
    again = command("calibrate", older, "--data", digits)
    assert (again.code, again.stdout) == (1, "")
    assert "found a net that is calibrated" in again.stderr
    assert command("calibrate", older, "--data", digits, "--overwrite").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("nothing",), 1, "neither a shipped model nor a path"),
        (("older.onnx", "--data", "missing"), 1, "missing: found no such file"),
        (("older.onnx", "--data", "few.npz", "--out", "few.npz"), 1, "few.npz: found something of that name"),
        (("older.onnx", "--data", "small.npz"), 1, "images of 20 × 20; expected 28 × 28"),
        (("older.onnx", "--pixels", "0-100"), 2, "'0-100' is not one of '0-1', '0-255'"),
    ],
)
def test_a_wrong_call_says_so_and_changes_nothing(command, older, digits, arguments, code, message):
    np.savez("small.npz", images=np.zeros((240, 20, 20), np.uint8), labels=np.arange(240) % 10)
    before = {path: path.read_bytes() for path in Path().iterdir()}
    outcome = command("calibrate", *arguments)
    assert (outcome.code, outcome.stdout) == (code, "")
    assert message in outcome.stderr
    assert {path: path.read_bytes() for path in Path().iterdir()} == before
