import json

import pytest

QUICK = ("--epochs", 1)


def test_json_is_all_that_stdout_holds(command, digits_file, empty_folder):
    outcome = command("train", "cnn", *QUICK, "--data", digits_file, "--json")
    assert outcome.code == 0
    report = json.loads(outcome.stdout)
    assert report == json.loads((empty_folder / "cnn" / "report.json").read_text())
    assert report["folder"] == "cnn"
    assert report["accuracy"]["test"] is None


def test_progress_goes_to_stderr_a_line_an_epoch(command, digits_file, empty_folder):
    outcome = command("train", "cnn", "--epochs", 2, "--data", digits_file)
    lines = outcome.stderr.splitlines()
    assert [line.split(",")[0] for line in lines] == ["cnn seed 0: epoch 1/2", "cnn seed 0: epoch 2/2"]
    assert "\x1b" not in outcome.stderr
    assert outcome.stdout.startswith("cnn, 9,940 parameters, seed 0: test –, validation ")


def test_a_second_run_takes_the_next_name(command, digits_file, empty_folder):
    for folder in ("mlp", "mlp-2", "mlp-3"):
        command("train", "mlp", *QUICK, "--data", digits_file)
        assert (empty_folder / folder / "report.json").exists()


def test_an_explicit_folder_that_exists_needs_overwrite(command, digits_file, empty_folder):
    arguments = ("train", "mlp", *QUICK, "--data", digits_file, "--out", "mine")
    assert command(*arguments).code == 0
    (empty_folder / "mine" / "note").touch()
    refused = command(*arguments)
    assert (refused.code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("error: mine: found something of that name")
    assert command(*arguments, "--overwrite").code == 0
    assert not (empty_folder / "mine" / "note").exists()


def test_many_seeds_give_runs_and_a_summary(command, digits_file, empty_folder):
    arguments = ("--data", digits_file, "--test", digits_file, "--seed", 4, "--seeds", 2)
    outcome = command("train", "mlp", *QUICK, *arguments, "--json")
    result = json.loads(outcome.stdout)
    assert [run["folder"] for run in result["runs"]] == ["mlp/seed-4", "mlp/seed-5"]
    assert result["summary"]["n"] == 2
    assert json.loads((empty_folder / "mlp" / "summary.json").read_text()) == result


def test_many_seeds_are_summed_up_for_people(command, digits_file, empty_folder):
    outcome = command("train", "mlp", *QUICK, "--data", digits_file, "--test", digits_file, "--seeds", 2)
    assert "test accuracy over 2 seeds: mean " in outcome.stdout
    assert " ± " in outcome.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("resnet",), 1, "found `resnet`; expected one of mlp, cnn"),
        (("cnn", "--epochs", "0"), 2, "0 is not in the range x>=1"),
        (("cnn", "--seed", "-1"), 2, "-1 is not in the range"),
        (("cnn", "--test", "x.npz"), 2, "--test goes with --data"),
        (("cnn", "--data", "missing.npz"), 1, "missing.npz: found no such file"),
        ((), 2, "Missing argument 'RECIPE'"),
    ],
)
def test_a_wrong_call_says_so_and_does_nothing(command, empty_folder, arguments, code, message):
    outcome = command("train", *arguments)
    assert (outcome.code, outcome.stdout) == (code, "")
    assert message in outcome.stderr
    assert list(empty_folder.iterdir()) == []


def test_an_unknown_backend_is_named(command, digits_file, empty_folder, monkeypatch):
    from tinydigits import backend

    monkeypatch.setenv("KERAS_BACKEND", "theano")
    monkeypatch.delitem(backend.sys.modules, "keras", raising=False)
    outcome = command("train", "mlp", "--data", digits_file)
    assert outcome.code == 1
    assert "found `theano`; expected one of tensorflow, jax, torch" in outcome.stderr
