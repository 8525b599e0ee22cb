import json

import numpy as np
import pytest
from PIL import Image


def test_the_shipped_cnn_is_scored_on_the_whole_test_set(command, empty_folder):
    outcome = command("evaluate", "cnn", "--json")
    report = json.loads(outcome.stdout)
    assert list(report) == ["model", "parameters", "images", "accuracy", "interval", "ece", "confusion"]
    assert (report["model"], report["parameters"], report["images"]) == ("cnn", 9940, 10_000)
    assert 0.955 < report["accuracy"] < 0.975
    assert report["interval"][0] < report["accuracy"] < report["interval"][1]
    assert np.trace(report["confusion"]) == round(10_000 * report["accuracy"])


def test_corruptions_are_scored_on_request(command, digits_file, empty_folder):
    arguments = ("evaluate", "cnn", "--data", digits_file, "--corruptions")
    accuracies = json.loads(command(*arguments, "--json").stdout)["corruptions"]
    assert len(accuracies) == 16
    assert list(accuracies)[-1] == "mean"
    assert "canny_edges" in command(*arguments).stdout


def test_people_get_a_sentence_and_a_table(command, empty_folder):
    outcome = command("evaluate", "mlp")
    assert outcome.stdout.startswith("mlp, 9,862 parameters: ")
    assert "expected calibration error" in outcome.stdout
    assert "true \\ read" in outcome.stdout
    assert outcome.stderr == ""


def test_a_folder_of_the_same_name_is_pointed_out_on_stderr(command, empty_folder):
    (empty_folder / "cnn").mkdir()
    outcome = command("evaluate", "cnn", "--json")
    json.loads(outcome.stdout)
    assert outcome.stderr == "note: `cnn` is the shipped model; to mean the folder, write ./cnn\n"


def test_mistakes_are_drawn(command, digits_file, empty_folder):
    assert command("evaluate", "cnn", "--data", digits_file, "--mistakes", "wrong.png").code == 0
    with Image.open("wrong.png") as picture:
        assert picture.format == "PNG"


def test_dark_ink_is_warned_of(command, few_digits, empty_folder):
    np.savez("dark.npz", images=255 - few_digits.images, labels=few_digits.labels)
    outcome = command("evaluate", "cnn", "--data", "dark.npz")
    assert "looks like dark ink on a bright ground" in outcome.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("nothing",), 1, "neither a shipped model nor a path"),
        (("cnn", "--data", "missing"), 1, "missing: found no such file or folder"),
        (("cnn", "--data", "small.npz"), 1, "4 × 4 pixels; expected 28 × 28"),
        (("text.onnx",), 1, "text.onnx: found"),
        (("text.keras",), 1, "text.keras: found a file that Keras cannot read"),
        (("cnn", "--mistakes", "no/such/folder.png"), 1, "a place that can be written"),
        (("cnn", "--what"), 2, "No such option '--what'"),
    ],
)
def test_bad_input_gives_its_message_and_exit_code(command, empty_folder, arguments, code, message):
    np.savez("small.npz", images=np.zeros((2, 4, 4), np.uint8), labels=np.array([1, 2]))
    for name in ("text.onnx", "text.keras"):
        (empty_folder / name).write_text("hello")
    outcome = command("evaluate", *arguments)
    assert (outcome.code, outcome.stdout) == (code, "")
    assert message in outcome.stderr
    assert "Traceback" not in outcome.stderr
