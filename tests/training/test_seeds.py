import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import keras
import numpy as np
import pytest

from helpers import light_worker
from tinydigits.data.dataset import Splits
from tinydigits.errors import EngineError, ImageShapeError, OutputError, TrainingError
from tinydigits.evaluation.metrics import summary
from tinydigits.recipes.recipe import RECIPES, SGD
from tinydigits.system import crew
from tinydigits.training import pool
from tinydigits.training import train as training
from tinydigits.training.fit import once
from tinydigits.training.seeds import train_seeds, worker_text
from tinydigits.training.task import Task
from tinydigits.training.train import train

LIGHT = light_worker.__file__
LIMIT = 120  # seconds for whatever starts processes


@pytest.fixture(scope="module")
def splits(whole_mnist):
    return Splits(whole_mnist.train[:600], whole_mnist.validation[:200], whole_mnist.test[:300])


@pytest.fixture
def one_core(monkeypatch):
    """No processes: starting one is an error."""
    monkeypatch.setattr(pool, "available_cores", lambda: 1)
    monkeypatch.setattr(pool, "Crew", {Task: None})


@pytest.fixture
def two_cores(monkeypatch):
    """Two processes; the list of them."""
    started = []

    class Watched(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(pool, "available_cores", lambda: 2)
    monkeypatch.setattr(crew.subprocess, "Popen", Watched)
    yield started
    assert all(process.poll() is not None for process in started), "a process outlived its pool"


@pytest.fixture
def light_workers(monkeypatch):
    """Processes that start at once, and whose trainings are sleep."""
    monkeypatch.setattr(pool, "WORKER", (LIGHT,))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def weights(folder):
    return keras.saving.load_model(folder / "model.keras").get_weights()


def test_many_seeds_make_a_folder_each_and_a_summary(splits, tmp_path, two_cores):
    outcome = train_seeds("mlp", [5, 6, 7], epochs=1, splits=splits, folder=tmp_path / "mlp")
    assert len(two_cores) == 2
    assert names(tmp_path) == ["mlp"]
    assert names(tmp_path / "mlp") == ["seed-5", "seed-6", "seed-7", "summary.json"]
    assert json.loads((tmp_path / "mlp" / "summary.json").read_text()) == outcome
    assert [run["seed"] for run in outcome["runs"]] == [5, 6, 7]
    assert [run["folder"] for run in outcome["runs"]] == [str(tmp_path / "mlp" / f"seed-{seed}") for seed in (5, 6, 7)]
    assert list(outcome["summary"]) == ["mean", "sd", "min", "max", "n"]
    # The last seed was trained by a process that had trained another before, and the same as if alone.
    for seed in (5, 7):
        alone = training.train("mlp", seed=seed, epochs=1, splits=splits)
        for one, other in zip(alone.model.get_weights(), weights(tmp_path / "mlp" / f"seed-{seed}"), strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.long
def test_settings_reach_other_processes_whatever_the_recipe_is_given_as(splits, tmp_path, two_cores):
    settings = {"optimizer.learning_rate": 0.25, "loss": "categorical_crossentropy"}
    by_name = train_seeds("mlp", [0, 1], epochs=1, settings=settings, splits=splits, folder=tmp_path / "name")
    assert two_cores
    started = len(two_cores)
    mine = replace(RECIPES["mlp"], batch_size=16)
    by_object = train_seeds(mine, [0, 1], epochs=1, settings=settings, splits=splits, folder=tmp_path / "object")
    assert len(two_cores) > started
    for outcome, batch_size in ((by_name, 32), (by_object, 16)):
        for run in outcome["runs"]:
            assert settings.items() <= run["settings"].items()
            assert (run["settings"]["batch_size"], run["epochs"]) == (batch_size, 1)
    alone = train("mlp", seed=1, epochs=1, settings=settings, splits=splits)
    for one, other in zip(alone.model.get_weights(), weights(tmp_path / "name" / "seed-1"), strict=True):
        np.testing.assert_array_equal(one, other)


def test_keras_own_fit_gives_what_one_thread_alone_gives(splits, tmp_path, two_cores):
    train_seeds("cnn", [0, 1, 2], epochs=2, splits=splits, engine="keras", folder=tmp_path / "together")
    script = """
import tinydigits
from pathlib import Path
from tinydigits.training.messages import read_splits
tinydigits.train("cnn", seed=2, epochs=2, engine="keras", splits=read_splits(Path("data.npz")), folder="alone")
"""
    pool.messages.write_splits(tmp_path / "data.npz", splits)
    environment = {**os.environ, **crew.ONE_THREAD}
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, check=True, timeout=LIMIT)
    for one, other in zip(weights(tmp_path / "alone"), weights(tmp_path / "together" / "seed-2"), strict=True):
        np.testing.assert_array_equal(one, other)


def test_one_core_or_one_seed_starts_no_process(splits, tmp_path, one_core, monkeypatch):
    assert train_seeds("mlp", [0, 1], epochs=1, splits=splits, folder=tmp_path / "a")["summary"]["n"] == 2
    monkeypatch.setattr(pool, "available_cores", lambda: 2)
    assert train_seeds("mlp", [3], epochs=1, splits=splits, folder=tmp_path / "b")["summary"]["n"] == 1
    with pytest.raises(TypeError):  # the control: a process would have been noticed
        train_seeds("mlp", [0, 1], epochs=1, splits=splits, folder=tmp_path / "c")
    assert names(tmp_path) == ["a", "b"]


def test_there_are_no_more_processes_than_the_memory_holds(monkeypatch):
    monkeypatch.setattr(pool.os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 4_000_000_000 // 4096}.__getitem__)
    assert pool.room() == 3  # 4 GB less the rounding of pages
    monkeypatch.undo()
    assert pool.room() >= 1


def test_only_what_another_process_can_find_has_a_text_for_workers():
    assert worker_text("nets.py:small") == "nets.py:small"
    assert worker_text(replace(RECIPES["mlp"], epochs=3)) == "mlp"
    assert worker_text(replace(RECIPES["mlp"], optimizer=SGD(0.5))) == "mlp"
    assert worker_text(replace(RECIPES["mlp"], model=RECIPES["cnn"].model)) is None
    assert worker_text(replace(RECIPES["mlp"], name="mine")) is None


def test_a_killed_process_is_an_error_that_names_the_seed_and_finished_seeds_stay(
    splits, tmp_path, two_cores, light_workers
):
    def kill_third(seed, progress):
        if seed == light_worker.ENDLESS and progress.epoch_ended:
            for process in two_cores:
                os.kill(process.pid, signal.SIGKILL)

    with pytest.raises(TrainingError, match=r"training `mlp` with seed (0|1|99): found its process ended by signal 9"):
        seeds = [0, 1, light_worker.ENDLESS]
        train_seeds("mlp", seeds, epochs=1, splits=splits, folder=tmp_path / "mlp", on_progress=kill_third)
    assert names(tmp_path) == ["mlp"]
    assert set(names(tmp_path / "mlp")) <= {"seed-0", "seed-1"}
    assert names(tmp_path / "mlp") != []


def test_an_error_in_a_process_is_the_same_error_here(splits, tmp_path, two_cores, light_workers):
    small = type(splits.train)(splits.train.images[:, :20, :20], splits.train.labels, "small ones")
    with pytest.raises(ImageShapeError, match="small ones: found images of 20 × 20; expected 28 × 28"):
        train_seeds("mlp", [0, 1], splits=Splits(small, small, None), folder=tmp_path / "mlp")
    assert names(tmp_path) == []


def test_a_taken_name_is_refused_before_any_process(splits, tmp_path, two_cores):
    (tmp_path / "mlp").mkdir()
    with pytest.raises(OutputError, match="something of that name"):
        train_seeds("mlp", [0, 1], splits=splits, folder=tmp_path / "mlp")
    assert two_cores == []


def test_an_interrupted_first_seed_leaves_what_was_there(splits, tmp_path, one_core):
    def interrupt(seed, progress):
        raise KeyboardInterrupt

    settings = {"epochs": 1, "splits": splits, "folder": tmp_path / "mlp", "on_progress": interrupt}
    with pytest.raises(KeyboardInterrupt):
        train_seeds("mlp", [0, 1], **settings)
    assert names(tmp_path) == []
    (tmp_path / "mlp").mkdir()
    (tmp_path / "mlp" / "report.json").touch()
    with pytest.raises(KeyboardInterrupt):
        train_seeds("mlp", [0, 1], overwrite=True, **settings)
    assert names(tmp_path / "mlp") == ["report.json"]


def test_a_second_seed_that_fails_leaves_the_first_in_place(splits, tmp_path, one_core):
    def fail_at_second(seed, progress):
        if seed == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_seeds("mlp", [0, 1], epochs=1, splits=splits, folder=tmp_path / "mlp", on_progress=fail_at_second)
    assert names(tmp_path) == ["mlp"]
    assert names(tmp_path / "mlp") == ["seed-0"]


ENDLESS = """
from tinydigits.training import pool, seeds
from tinydigits.__main__ import main
import sys
pool.available_cores = lambda: 2
sys.argv = ["tinydigits", "train", "mlp", "--seeds", "3", "--epochs", "1000000", "--data", sys.argv[1]]
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_whoever_ends_the_parent_ends_all_at_once_and_cleanly(digits_file, tmp_path, number, code):
    place = tmp_path / "empty"
    place.mkdir()
    parent = subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(digits_file)], cwd=place, stderr=subprocess.PIPE, text=True
    )
    assert "epoch" in parent.stderr.readline()
    workers = children(parent.pid)
    assert len(workers) == 2
    parent.send_signal(number)
    rest = parent.communicate(timeout=LIMIT)[1]
    assert parent.returncode == code
    assert "Traceback" not in rest
    assert names(place) == []
    assert not any(is_running(worker) for worker in workers)


def test_processes_whose_parent_is_killed_end_by_themselves(digits_file, tmp_path):
    script = ENDLESS.replace("main()", f"pool.WORKER = ({LIGHT!r},)\nmain()")
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(digits_file)], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    assert "epoch" in parent.stderr.readline()
    workers = children(parent.pid)
    parent.kill()
    parent.communicate(timeout=LIMIT)
    deadline = time.monotonic() + LIMIT
    while any(map(is_running, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_running, workers))


def children(process):
    """Ids of the processes that `process` started."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=False)
    return [int(line) for line in listed.stdout.split()]


def is_running(process):
    """Whether there is such a process, other than one that only waits to be forgotten."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return listed.stdout.strip() not in ("", "Z") and not listed.stdout.startswith("Z")


def test_a_script_needs_no_guard_and_its_own_prints_stay_apart(digits_file, tmp_path):
    script = tmp_path / "plain.py"
    script.write_text(
        "from tinydigits.data import dataset as data, files as data_files\n"
        "from tinydigits.training import pool, seeds\n"
        "pool.available_cores = lambda: 2\n"
        f"pool.WORKER = ({LIGHT!r},)\n"
        "print('began')\n"
        f"splits = data.split(data_files.load(__import__('pathlib').Path({str(digits_file)!r})).data, None)\n"
        "print(seeds.train_seeds('mlp', [0, 1], epochs=1, splits=splits, folder='here')['summary']['n'])\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT, check=True
    )
    assert done.stdout.split() == ["began", "0"]  # no test images: nothing to sum up
    assert names(tmp_path / "here") == ["seed-0", "seed-1", "summary.json"]


def test_a_reason_to_fall_back_is_told_once():
    told = []
    tell = once(told.append)
    for subject in ("a", "a", "b"):
        tell(EngineError(subject, found="x", expected="y", fix="z"))
    assert [reason.subject for reason in told] == ["a", "b"]


def test_a_summary_is_plain_arithmetic():
    assert summary([0.5, 0.7]) == {"mean": 0.6, "sd": pytest.approx(0.1414, abs=1e-4), "min": 0.5, "max": 0.7, "n": 2}
    assert summary([0.5])["sd"] is None
    assert summary([None])["n"] == 0
