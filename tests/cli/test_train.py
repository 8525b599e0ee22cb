import json

import numpy as np
import pytest

QUICK = ("--epochs", 1)
RATE = "optimizer.learning_rate"


def test_json_is_all_that_stdout_holds(command, digits_file, empty_folder):
    outcome = command("train", "cnn", *QUICK, "--data", digits_file, "--json")
    assert outcome.code == 0
    report = json.loads(outcome.stdout)
    assert report == json.loads((empty_folder / "cnn" / "report.json").read_text())
    assert report["folder"] == "cnn"
    assert report["accuracy"]["test"] is None


def test_the_native_engine_trains_where_it_can_and_keras_where_it_is_told(command, digits_file, empty_folder):
    for engine, trained_by in (("auto", "native"), ("native", "native"), ("keras", "keras")):
        outcome = command("train", "cnn", *QUICK, "--data", digits_file, "--engine", engine, "--json")
        assert json.loads(outcome.stdout)["engine"] == trained_by
        assert "note:" not in outcome.stderr


def test_without_a_compiler_keras_trains_and_one_line_says_why(command, digits_file, empty_folder, monkeypatch):
    from tinydigits.engine.compiler import build

    monkeypatch.setattr(build, "candidates", list)
    build.find_compiler.cache_clear()
    outcome = command("train", "cnn", *QUICK, "--data", digits_file, "--json")
    assert json.loads(outcome.stdout)["engine"] == "keras"
    (line,) = (line for line in outcome.stderr.splitlines() if line.startswith("note:"))
    assert "Keras trains this net, not the native engine. C compiler: found none that works" in line
    refused = command("train", "cnn", *QUICK, "--data", digits_file, "--engine", "native")
    assert (refused.code, refused.stdout) == (1, "")


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
    refused = command(*arguments)
    assert (refused.code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("error: mine: found something of that name")
    assert command(*arguments, "--overwrite").code == 0


def test_overwriting_never_takes_a_strangers_files(command, digits_file, empty_folder):
    (empty_folder / "mine").mkdir()
    (empty_folder / "mine" / "thesis.txt").write_text("years of work")
    outcome = command("train", "mlp", *QUICK, "--data", digits_file, "--out", "mine", "--overwrite")
    assert (outcome.code, outcome.stdout) == (1, "")
    assert "thesis.txt in it, which is no part of a run" in outcome.stderr
    assert (empty_folder / "mine" / "thesis.txt").read_text() == "years of work"


def test_a_test_folder_is_scored_on_its_test_part(command, digits_file, few_digits, empty_folder):
    arrays = {"x_train": few_digits.images, "y_train": few_digits.labels}
    np.savez("both.npz", **arrays, x_test=few_digits.images[:3], y_test=few_digits.labels[:3])
    outcome = command("train", "mlp", *QUICK, "--data", digits_file, "--test", "both.npz", "--json")
    assert json.loads(outcome.stdout)["accuracy"]["test"] in [0, 1 / 3, 2 / 3, 1]


@pytest.mark.usefixtures("one_process")
def test_many_seeds_give_runs_and_a_summary(command, digits_file, empty_folder):
    arguments = ("--data", digits_file, "--test", digits_file, "--seed", 4, "--seeds", 2)
    outcome = command("train", "mlp", *QUICK, *arguments, "--json")
    result = json.loads(outcome.stdout)
    assert [run["folder"] for run in result["runs"]] == ["mlp/seed-4", "mlp/seed-5"]
    assert result["summary"]["n"] == 2
    assert json.loads((empty_folder / "mlp" / "summary.json").read_text()) == result


@pytest.mark.usefixtures("one_process")
def test_many_seeds_are_summed_up_for_people(command, digits_file, empty_folder):
    arguments = ("--data", digits_file, "--test", digits_file, "--seed", 4, "--seeds", 2)
    outcome = command("train", "mlp", *QUICK, *arguments)
    assert "test accuracy over 2 seeds: mean " in outcome.stdout
    assert " ± " in outcome.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("resnet",), 1, "found `resnet`; expected one of mlp, cnn, sprint, pocket, pocket-5k, pocket-2k, pocket-1k"),
        (("cnn", "--epochs", "0"), 2, "0 is not in the range x>=1"),
        (("cnn", "--seed", "-1"), 2, "-1 is not in the range"),
        (("cnn", "--seed", 2**32 - 1, "--seeds", 2), 2, "goes beyond the last seed"),
        (("cnn", "--out", ".", "--overwrite"), 1, "a folder in use"),
        (("cnn", "--test", "x.npz"), 2, "--test goes with --data"),
        (("cnn", "--data", "missing.npz"), 1, "missing.npz: found no such file"),
        ((), 2, "Missing argument 'RECIPE'"),
        (("cnn", "--set", "speed=1"), 1, "settings of `cnn`: found `speed`; expected one of optimizer.learning_rate"),
        (("cnn", "--set", f"{RATE}=fast"), 1, f"setting `{RATE}`: found `fast`; expected a finite number"),
        (("cnn", "--set", f"{RATE}=0.1,0.2"), 2, "`tinydigits sweep` tries several"),
        (("cnn", "--set", f"{RATE}=1", "--set", f"{RATE}=2"), 2, "is given twice"),
        (("cnn", "--set", RATE), 2, "write a setting and its values as KEY=V1,V2"),
        (("cnn", "--set", "epochs=1", "--epochs", 2), 1, "found values for it and epochs=2; expected one or the other"),
    ],
)
def test_a_wrong_call_says_so_and_does_nothing(command, empty_folder, arguments, code, message):
    outcome = command("train", *arguments)
    assert (outcome.code, outcome.stdout) == (code, "")
    assert message in outcome.stderr
    assert list(empty_folder.iterdir()) == []


def test_an_unknown_backend_is_named(command, digits_file, empty_folder, monkeypatch):
    from tinydigits.system import backend

    monkeypatch.setenv("KERAS_BACKEND", "theano")
    monkeypatch.delitem(backend.sys.modules, "keras", raising=False)
    outcome = command("train", "mlp", "--data", digits_file)
    assert outcome.code == 1
    assert "found `theano`; expected one of tensorflow, jax, torch" in outcome.stderr


def test_a_command_with_resume_can_be_repeated(command, digits_file, empty_folder):
    arguments = ("train", "mlp", "--epochs", 2, "--data", digits_file, "--resume", "run", "--checkpoint-every", 1)
    first = command(*arguments, "--json")
    again = command(*arguments, "--json")
    assert (first.code, again.code) == (0, 0)
    assert "epoch 2/2" in first.stderr
    assert "epoch" not in again.stderr
    one, other = json.loads(first.stdout), json.loads(again.stdout)
    assert (one["accuracy"], one["identity"]) == (other["accuracy"], other["identity"])
    assert [path.name for path in empty_folder.iterdir() if path != digits_file] == ["run"]


def test_a_killed_training_is_not_forgotten_and_its_name_not_taken(command, digits_file, empty_folder):
    (empty_folder / "mlp.checkpoint").write_bytes(b"from elsewhere")
    arguments = ("train", "mlp", "--epochs", 1, "--data", digits_file)
    assert command(*arguments).code == 0
    assert (empty_folder / "mlp-2" / "report.json").exists()
    refused = command(*arguments, "--out", "mlp")
    assert (refused.code, refused.stdout) == (1, "")
    assert "mlp.checkpoint: found the checkpoint of a training that did not end" in refused.stderr
    damaged = command(*arguments, "--resume", "mlp")
    assert (damaged.code, damaged.stdout) == (1, "")
    assert "mlp.checkpoint: found a file that does not begin as a checkpoint does" in damaged.stderr


def test_resume_stands_in_place_of_out(command):
    outcome = command("train", "mlp", "--resume", "a", "--out", "b")
    assert (outcome.code, "--resume FOLDER stands in place of --out." in outcome.stderr) == (2, True)


def test_settings_are_trained_with_and_told(command, digits_file, empty_folder):
    arguments = ("--set", f"{RATE}=0.25", "--set", "epochs=2", "--set", "batch_size=16")
    outcome = command("train", "mlp", *arguments, "--data", digits_file, "--json")
    assert "epoch 2/2" in outcome.stderr
    settings = json.loads(outcome.stdout)["settings"]
    assert {name: settings[name] for name in (RATE, "epochs", "batch_size", "averaging")} == {
        RATE: 0.25,
        "epochs": 2,
        "batch_size": 16,
        "averaging": None,
    }


def test_a_run_with_other_settings_is_said_so(command, digits_file, empty_folder):
    arguments = ("train", "mlp", *QUICK, "--data", digits_file, "--resume", "run", "--set")
    assert command(*arguments, f"{RATE}=0.25").code == 0
    refused = command(*arguments, f"{RATE}=0.5")
    assert (refused.code, refused.stdout) == (1, "")
    assert f"run: found a finished run with {RATE}=0.25, where {RATE}=0.5 is wanted" in refused.stderr
