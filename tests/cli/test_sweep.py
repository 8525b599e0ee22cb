import json

import pyarrow.parquet as parquet
import pytest

from helpers import light_sweep, light_worker

RATE = "optimizer.learning_rate"


@pytest.fixture
def light(monkeypatch, empty_folder):
    light_sweep.light(monkeypatch.setattr, cores=1)
    return ("sweep", "mlp", "--set", f"{RATE}=0.2,0.1", "--epochs", 1, "--seeds", 2)


def test_a_table_with_the_best_first(command, light, empty_folder):
    outcome = command(*light)
    assert outcome.code == 0
    lines = outcome.stdout.splitlines()
    assert lines[0].split("  ")[0] == "settings"
    assert [line.split()[0] for line in lines[1:3]] == [f"{RATE}=0.1", f"{RATE}=0.2"]
    assert "failed" not in lines[0]
    assert lines[-1] == "4 runs trained, 0 found finished; results.parquet and sweep.png in sweep/"
    assert "optimizer.learning_rate=0.2, seed 0: epoch 1/1" in outcome.stderr
    assert parquet.ParquetFile(empty_folder / "sweep" / "results.parquet").metadata.num_rows == 4


def test_json_is_all_that_stdout_holds(command, light):
    found = json.loads(command(*light, "--json", "--out", "here").stdout)
    assert (found["trained"], found["best"], found["results"]) == (4, {RATE: 0.1}, "here/results.parquet")
    assert [len(each["runs"]) for each in found["combinations"]] == [2, 2]


def test_failed_runs_are_counted_and_their_first_error_is_told(command, light):
    outcome = command(*light, "--set", f"batch_size={light_worker.FAILING},32")
    assert outcome.code == 0
    assert outcome.stdout.splitlines()[0].endswith("failed")
    assert f"batch_size={light_worker.FAILING}: training: found a loss of nan" in outcome.stderr


def test_a_sweep_of_which_all_runs_fail_fails(command, light):
    assert command(*light, "--set", f"batch_size={light_worker.FAILING}").code == 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--set", "nonsense=1"), 1, "found `nonsense`; expected one of optimizer.learning_rate, epochs"),
        (("--set", RATE), 2, "write a setting and its values as KEY=V1,V2"),
        (("--set", f"{RATE}=1,,2"), 2, "write a setting and its values as KEY=V1,V2"),
        (("--set", f"{RATE}=1", "--set", f"{RATE}=2"), 2, "is given twice"),
        (("--set", "epochs=1,2", "--halving"), 1, "found values for it and halving, which decides them"),
        (("--set", "epochs=1,2", "--epochs", 3), 1, "found values for it and epochs=3"),
        (("--seeds", 0), 2, "0 is not in the range"),
        (("--test", "x.npz"), 2, "--test goes with --data"),
    ],
)
def test_a_wrong_call_says_so_and_does_nothing(command, empty_folder, arguments, code, message):
    outcome = command("sweep", "mlp", *arguments)
    assert (outcome.code, outcome.stdout) == (code, "")
    assert message in outcome.stderr
    assert list(empty_folder.iterdir()) == []
