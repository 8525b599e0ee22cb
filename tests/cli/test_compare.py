import json

import numpy as np
import pytest


@pytest.fixture
def two_nets(digits_file, empty_folder, one_process, whole_mnist):
    """The arguments of a short comparison."""
    test_file = digits_file.with_name("test.npz")
    np.savez(test_file, images=whole_mnist.test.images[:240], labels=whole_mnist.test.labels[:240])
    return ("compare", "mlp", "cnn", "--epochs", 1, "--data", digits_file, "--test", test_file, "--seeds", 2)


def test_a_table_of_recipes_and_one_of_pairs(command, two_nets):
    outcome = command(*two_nets)
    assert outcome.code == 0
    lines = outcome.stdout.splitlines()
    assert lines[0].startswith("Accuracy on 240 ")
    assert lines[2].split("  ")[0] == "recipe"
    assert [line.split()[:2] for line in lines[3:5]] == [["mlp", "9,862"], ["cnn", "9,940"]]
    assert lines[-3].startswith("mlp − cnn")
    assert lines[-1] == "4 runs trained, 0 found finished; comparison.json and comparison.png in comparison/"
    assert "mlp seed 0: epoch 1/1" in outcome.stderr


def test_a_second_call_trains_nothing_and_json_is_all_that_stdout_holds(command, two_nets, empty_folder):
    assert command(*two_nets, "--out", "here").code == 0
    again = command(*two_nets, "--out", "here", "--json")
    assert again.stderr == ""
    assert json.loads(again.stdout) == json.loads((empty_folder / "here" / "comparison.json").read_text())


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "Missing argument 'RECIPE RECIPE...'"),
        (("mlp",), 2, "Name two recipes or more, each once."),
        (("mlp", "mlp"), 2, "Name two recipes or more, each once."),
        (("mlp", "resnet"), 1, "found `resnet`"),
        (("mlp", "cnn", "--seeds", 0), 2, "0 is not in the range"),
        (("mlp", "cnn", "--test", "x.npz"), 2, "--test goes with --data"),
    ],
)
def test_a_wrong_call_says_so_and_does_nothing(command, empty_folder, arguments, code, message):
    outcome = command("compare", *arguments)
    assert (outcome.code, outcome.stdout) == (code, "")
    assert message in outcome.stderr
    assert list(empty_folder.iterdir()) == []
