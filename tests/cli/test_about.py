"""`models`, `data`, `doctor`, and the command line as a whole."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

FULL_DISK = Path("/dev/full")
# More epochs than any test waits for, and seconds after which a process counts as one that does not end.
ENDLESS, LIMIT = 10_000_000, 300


def test_models_lists_size_published_and_measured(command):
    rows = json.loads(command("models", "--json").stdout)
    facts = {row["model"]: row for row in rows}
    assert facts["mlp"]["parameters"] == 9862
    assert facts["cnn"]["multiply_adds"] == 45_080
    assert facts["mlp"]["published"]["test"] == 0.7752
    assert facts["cnn"]["published"]["test"] == 0.9731
    assert facts["pocket"]["published"] is None
    seeds = {name: 5 if name.startswith("pocket-") else 10 for name in facts}
    assert {name: row["measured"]["n"] for name, row in facts.items()} == seeds
    assert all(row["measured"]["n"] == len(row["measured"]["test"]) for row in rows)
    assert all({"mean", "sd", "versions", "command"} < set(row["measured"]) for row in rows)


def test_models_prints_a_table(command):
    lines = command("models").stdout.splitlines()
    assert lines[0].split()[:2] == ["model", "parameters"]
    assert lines[1].split()[:4] == ["mlp", "9,862", "9,816", "77.52"]


def test_data_states_origin_license_counts_and_hashes(command):
    facts = json.loads(command("data", "--json").stdout)
    assert facts["license"] == "CC BY-SA 3.0"
    assert "LeCun" in facts["origin"]
    assert facts["counts"] == {"train": 55_000, "validation": 5_000, "test": 10_000}
    assert facts["sha256"]["train-images-idx3-ubyte"].startswith("ba891046")
    text = command("data").stdout
    assert "CC BY-SA 3.0" in text
    assert "ba891046" in text


def test_data_draws_the_sheet(command, empty_folder):
    assert command("data", "--picture", "sheet.png").code == 0
    with Image.open("sheet.png") as picture:
        assert min(picture.size) > 500


def test_doctor_names_what_is_there(command):
    findings = {each["subject"]: each for each in json.loads(command("doctor", "--json").stdout)}
    assert findings["keras"]["ok"]
    assert findings["keras backend"]["found"].startswith("tensorflow")
    assert {"python", "C compiler", "cache folder"} < set(findings)
    assert "ok  keras" in command("doctor").stdout


def test_doctor_advises_where_something_is_missing(command, monkeypatch):
    from tinydigits.training import doctor

    monkeypatch.setattr(doctor, "version_of", lambda name: None if name == "matplotlib" else "1")
    monkeypatch.setattr(doctor.build, "candidates", list)
    doctor.build.find_compiler.cache_clear()
    text = command("doctor").stdout
    assert "Run: pip install 'tinydigits[train]'" in text
    assert "pip install ziglang" in text


def test_doctor_says_where_compiled_nets_cannot_be_loaded(command, monkeypatch):
    from tinydigits.errors import CompilerError
    from tinydigits.training import doctor

    def refuse(library):
        raise CompilerError(library, found="failed to map", expected="a library", fix="Allow execution.")

    monkeypatch.setattr(doctor.build, "load", refuse)
    findings = {each["subject"]: each for each in json.loads(command("doctor", "--json").stdout)}
    assert not findings["cache folder"]["ok"]
    assert "failed to map" in findings["cache folder"]["found"]


def test_doctor_says_that_cc_does_not_work(command, monkeypatch):
    from tinydigits.training import doctor

    monkeypatch.setenv("CC", "/nowhere/cc")
    doctor.build.find_compiler.cache_clear()
    outcome = command("doctor", "--json")
    doctor.build.find_compiler.cache_clear()
    found = {each["subject"]: each for each in json.loads(outcome.stdout)}["C compiler"]
    assert not found["ok"]
    assert "/nowhere/cc" in found["advice"]


def test_without_a_command_the_help_is_shown(command):
    outcome = command()
    assert outcome.code == 2
    assert "Commands:" in outcome.stderr


def train_and_send(number, engine, data, place):
    """Train for ever on a few digits, and send a signal after the first epoch: exit code, stdout and stderr."""
    settings = ["--epochs", str(ENDLESS), "--engine", engine, "--data", str(data), "--out", "run"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tinydigits", "train", "mlp", *settings],
        cwd=place,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert f"epoch 1/{ENDLESS}" in process.stderr.readline()
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=LIMIT)
    finally:
        process.kill()
        process.wait()
    return process.returncode, stdout, stderr


@pytest.fixture
def place(tmp_path):
    """A folder with nothing in it."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("engine", ["native", "keras"])
def test_an_interrupted_training_exits_130_and_leaves_nothing(engine, digits_file, place):
    code, stdout, stderr = train_and_send(signal.SIGINT, engine, digits_file, place)
    assert (code, stdout) == (130, "")
    assert stderr.splitlines()[-1] == "interrupted"
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_training_that_is_told_to_end_leaves_nothing(number, code, digits_file, place):
    ended, stdout, stderr = train_and_send(number, "native", digits_file, place)
    assert (ended, stdout) == (code, "")
    assert "Traceback" not in stderr
    assert list(place.iterdir()) == []


def test_what_a_killed_training_left_is_cleared_by_the_next(digits_file, place, command, monkeypatch):
    code, _, _ = train_and_send(signal.SIGKILL, "native", digits_file, place)
    assert code == -signal.SIGKILL
    assert len(list(place.iterdir())) == 2, "the killed training left nothing: this test shows nothing"
    monkeypatch.chdir(place)
    assert command("train", "mlp", "--epochs", 1, "--data", digits_file, "--out", "run").code == 0
    assert [path.name for path in place.iterdir()] == ["run"]
    assert (place / "run" / "report.json").exists()


def test_a_reader_that_leaves_is_no_error():
    process = subprocess.Popen(
        [sys.executable, "-m", "tinydigits", "data"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (0, b"")


@pytest.mark.skipif(not FULL_DISK.exists(), reason="needs a device that is always full")
def test_a_full_disk_is_one_message(tmp_path):
    with FULL_DISK.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tinydigits", "data"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_a_closed_stream_is_no_traceback(closed, tmp_path):
    script = f'"{sys.executable}" -m tinydigits models {closed}'
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode == 0


def test_a_file_that_may_not_be_read_is_named(command, empty_folder, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied", "secret")

    monkeypatch.setattr(Path, "is_dir", refuse)
    outcome = command("evaluate", "secret")
    assert (outcome.code, outcome.stderr) == (1, "error: secret: Permission denied\n")


INTERRUPTED_WHILE_IMPORTING = """
import sys
from tinydigits import __main__

class Interrupt:
    def find_spec(self, *_):
        raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
__main__.main()
"""


def test_an_interruption_while_importing_exits_130():
    command = [sys.executable, "-c", INTERRUPTED_WHILE_IMPORTING]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (130, "")


def test_a_terminal_without_the_characters_gets_plain_ones(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tinydigits", "models"],
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode("latin-1")
    assert "mean ± sd" in text
    assert "test images. Published: one run, by its author; - where the net is ours." in text
