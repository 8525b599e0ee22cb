"""Faults of the machine, each tried for real: every one is a clear error or falls back, and loses nothing."""

import json
import os
import pwd
import resource
import shutil
import subprocess
import sys
import time
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tinydigits.engine.compiler import build
from tinydigits.formats import checkpoint_file
from tinydigits.system import backend
from tinydigits.system.notes import Note
from tinydigits.training import messages
from tinydigits.training import run as training_run

LIMIT = 120
QUICK = ("train", "mlp", "--epochs", 1)


@contextmanager
def mounted(folder, options):
    """A file system of its own at `folder`, in memory; a skip where this user may not mount one."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"mounting a file system is not allowed here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], timeout=LIMIT, check=True)


@pytest.fixture
def full_disk(tmp_path):
    """A disk of 64 kB."""
    with mounted(tmp_path / "full", "size=64k") as folder:
        yield folder


@pytest.fixture
def read_only_disk(tmp_path):
    with mounted(tmp_path / "read-only", "size=64k,ro") as folder:
        yield folder


@pytest.fixture
def no_home(monkeypatch):
    """A user without a home, and without an entry among the system's users."""

    def unknown(uid):
        raise KeyError(uid)

    monkeypatch.delenv("HOME")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(pwd, "getpwuid", unknown)


def python(*arguments, **options):
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=LIMIT, check=False, **options
    )


def is_clear(outcome, name, reason):
    assert (outcome.code, outcome.stdout) == (1, "")
    error = next(line for line in outcome.stderr.splitlines() if line.startswith("error: "))
    assert error.startswith(f"error: {name}: found {reason}; expected a place that can be written.")


COMMANDS = {
    "a run": QUICK,
    "C": ("export", "cnn", "--to", "c"),
    "a picture": ("data", "--picture"),
}


def arguments_of(what, digits_file, target):
    given = COMMANDS[what]
    given = (*given, "--data", digits_file) if what == "a run" else given
    return (*given, target) if what == "a picture" else (*given, "--out", target)


@pytest.mark.parametrize("what", COMMANDS)
def test_a_full_disk_is_a_clear_error_and_leaves_nothing(what, command, digits_file, full_disk):
    (full_disk / "mine").write_bytes(bytes(24_000))
    target = full_disk / "new"
    is_clear(command(*arguments_of(what, digits_file, target)), target, "No space left on device")
    assert [path.name for path in full_disk.iterdir()] == ["mine"]


def test_a_disk_that_fills_up_keeps_the_last_checkpoint(command, digits_file, full_disk, monkeypatch):
    written = checkpoint_file.write

    def fill_after_the_first(path, saved):
        if saved.epochs == 2:
            with pytest.raises(OSError, match="No space left"):
                (full_disk / "others").write_bytes(bytes(64_000))
        written(path, saved)

    monkeypatch.setattr(checkpoint_file, "write", fill_after_the_first)
    target = full_disk / "run"
    arguments = ("train", "mlp", "--epochs", 3, "--data", digits_file, "--checkpoint-every", 1)
    outcome = command(*arguments, "--out", target)
    is_clear(outcome, f"{target}.checkpoint", "No space left on device")
    (full_disk / "others").unlink()
    assert sorted(path.name for path in full_disk.iterdir()) == ["run.checkpoint"]
    assert checkpoint_file.read(full_disk / "run.checkpoint").epochs == 1


@pytest.mark.parametrize("what", ["a run", "a picture"])
def test_a_read_only_disk_is_a_clear_error_before_any_work(what, command, digits_file, read_only_disk):
    target = read_only_disk / "new"
    outcome = command(*arguments_of(what, digits_file, target))
    is_clear(outcome, target, "Read-only file system")
    assert "epoch" not in outcome.stderr


def test_a_limit_on_the_size_of_files_is_a_clear_error(tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000))

    done = python("-m", "tinydigits", "data", "--picture", "new.png", cwd=tmp_path, preexec_fn=limit)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: new.png: found File too large; expected a place that can be written.")
    assert list(tmp_path.iterdir()) == []


SOURCE = "int answer(void) { return 42; }"


def test_where_nothing_may_be_executed_a_net_is_compiled_elsewhere(tmp_path):
    with mounted(tmp_path / "cache", "size=8m,noexec") as cache:
        with pytest.warns(Note, match=r"the cache of compiled nets cannot be used.*Allow execution in its folder"):
            library = build.build(SOURCE, cache)
        assert cache not in library.parents
        assert build.load(library).answer() == 42


def test_without_any_place_to_execute_from_keras_trains(tmp_path, command, digits_file, monkeypatch):
    with mounted(tmp_path / "cache", "size=8m,noexec") as cache:
        monkeypatch.setattr(build, "cache_folder", lambda: cache)
        monkeypatch.setattr(build, "temporary_folder", lambda: cache)
        outcome = command(*QUICK, "--data", digits_file, "--out", tmp_path / "run", "--json")
    assert json.loads(outcome.stdout)["engine"] == "keras"
    assert "Keras trains this net, not the native engine." in outcome.stderr
    assert "Allow execution in its folder" in outcome.stderr


def test_a_cache_that_vanishes_during_a_training_is_not_missed(command, digits_file, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    cache.mkdir()
    vanished = []

    def vanish(*_):
        vanished.extend(path.name for path in cache.glob("*"))
        shutil.rmtree(cache, ignore_errors=True)

    monkeypatch.setattr(build, "cache_folder", lambda: cache)
    monkeypatch.setattr("tinydigits.cli.progress.print_epoch", vanish)
    outcome = command("train", "mlp", "--epochs", 3, "--data", digits_file, "--out", tmp_path / "run", "--json")
    assert json.loads(outcome.stdout)["engine"] == "native"
    assert any(name.endswith(".so") for name in vanished)
    assert not cache.exists()


@pytest.mark.usefixtures("no_home")
def test_without_a_home_a_net_is_compiled_in_a_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.warns(Note, match="could not determine the home directory"):
        library = build.build(SOURCE)
    assert build.load(library).answer() == 42
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_home")
def test_without_a_home_keras_makes_no_folder_here(monkeypatch):
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.delitem(sys.modules, "keras")
    backend.prepare()
    assert os.environ["KERAS_HOME"] == os.devnull
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", "/somewhere")
    backend.prepare()
    assert "KERAS_HOME" not in os.environ


@pytest.fixture
def clock_of_1970(monkeypatch):
    """A machine whose clock lost its battery."""
    now, local = 1000.0, time.localtime
    monkeypatch.setattr(time, "time", lambda: now)
    monkeypatch.setattr(time, "localtime", lambda seconds=now: local(seconds))
    with zipfile.ZipFile(os.devnull, "w") as archive, pytest.raises(ValueError, match="before 1980"):  # the control
        archive.writestr("member", b"")


@pytest.mark.usefixtures("clock_of_1970")
def test_a_clock_before_1980_costs_no_run(command, digits_file, empty_folder, monkeypatch):
    monkeypatch.setattr(training_run, "draw", lambda run, folder: None)
    assert command(*QUICK, "--data", digits_file).code == 0
    assert zipfile.is_zipfile(empty_folder / "mlp" / "model.keras")


@pytest.mark.usefixtures("clock_of_1970")
def test_a_clock_before_1980_does_not_keep_data_from_processes(whole_mnist, tmp_path):
    few = type(whole_mnist)(whole_mnist.train[:5], whole_mnist.validation[:3], None)
    messages.write_splits(tmp_path / "data.npz", few)
    again = messages.read_splits(tmp_path / "data.npz")
    np.testing.assert_array_equal(again.train.images, few.train.images)
    assert (again.validation.name, again.test) == (few.validation.name, None)


def test_closed_streams_cost_no_run_and_get_into_no_file(digits_file, tmp_path):
    """What is printed to a closed stream would go to the next file that is opened."""
    arguments = f'train mlp --epochs 1 --data "{digits_file}" --out run'
    script = f'"{sys.executable}" -m tinydigits {arguments} <&- >&- 2>&-'
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, timeout=LIMIT, check=False)
    assert done.returncode == 0
    assert json.loads((tmp_path / "run" / "report.json").read_text())["epochs"] == 1
    assert np.load(tmp_path / "run" / "answers.npy").shape == (20,)


@pytest.mark.parametrize(
    "encoding", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]
)
def test_a_plain_locale_prints_draws_and_writes(encoding, tmp_path, few_digits):
    np.savez(tmp_path / "zähl.npz", images=few_digits.images, labels=few_digits.labels)
    environment = {**os.environ, **encoding}
    done = python(
        "-m",
        "tinydigits",
        "evaluate",
        "cnn",
        "--data",
        "zähl.npz",
        "--mistakes",
        "ö.png",
        cwd=tmp_path,
        env=environment,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["zähl.npz", "ö.png"]


def test_without_a_terminal_nothing_is_animated(digits_file, tmp_path):
    done = python(
        "-m", "tinydigits", *map(str, QUICK), "--data", str(digits_file), cwd=tmp_path, start_new_session=True
    )
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    assert "\r" not in done.stdout + done.stderr
    assert Path(tmp_path, "mlp", "report.json").exists()
