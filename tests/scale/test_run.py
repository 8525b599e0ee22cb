"""Sweeps whose trainings are sleep: what is trained, kept, repeated, and survived."""

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from helpers import light_sweep, light_worker
from tinydigits.errors import OutputError, RecipeError
from tinydigits.scale.plan import make_sweep
from tinydigits.scale.run import run
from tinydigits.scale.sweep import sweep
from tinydigits.system import crew

RATE = "optimizer.learning_rate"
LIMIT = 60


@pytest.fixture
def here(monkeypatch):
    """Trainings in this process."""
    light_sweep.light(monkeypatch.setattr, cores=1)


@pytest.fixture
def two_processes(monkeypatch):
    """Trainings in two processes; the list of all that were started."""
    light_sweep.light(monkeypatch.setattr)
    started = []

    class Watched(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(crew.subprocess, "Popen", Watched)
    yield started
    assert all(process.poll() is not None for process in started), "a process outlived its sweep"


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def rows(folder):
    """The rows of a results file, which is opened once: `read_table` opens it by name a second time."""
    with parquet.ParquetFile(folder / "results.parquet") as file:
        return file.read().to_pylist()


def command(*arguments):
    """A light sweep as a command of its own, with its environment."""
    paths = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    return [sys.executable, light_sweep.__file__, *map(str, arguments)], {**os.environ, "PYTHONPATH": paths}


def tried(choices, folder, seeds=2, **settings):
    return sweep("mlp", choices, range(seeds), folder=folder, **{"epochs": 1, **settings})


def test_every_combination_and_seed_is_a_row_with_all_settings(here, tmp_path):
    outcome = tried({RATE: [0.2, 0.1], "batch_size": [32, 64]}, tmp_path / "a")
    assert (outcome["trained"], outcome["found"]) == (8, 0)
    found = rows(tmp_path / "a")
    wanted = {(rate, size, seed) for rate in (0.1, 0.2) for size in (32, 64) for seed in (0, 1)}
    assert {(row[RATE], row["batch_size"], row["seed"]) for row in found} == wanted
    assert all(row["loss"] == "mean_squared_error" and row["epochs"] == 1 and row["error"] is None for row in found)
    assert len({row["identity"] for row in found}) == 8
    assert (tmp_path / "a" / "sweep.png").read_bytes().startswith(b"\x89PNG")


def test_the_report_has_means_with_intervals_and_the_lowest_validation_loss_first(here, tmp_path):
    outcome = tried({RATE: [0.2, 0.1]}, tmp_path / "a", seeds=3)
    assert [each["settings"] for each in outcome["combinations"]] == [{RATE: 0.1}, {RATE: 0.2}]
    assert outcome["best"] == {RATE: 0.1}
    loss = outcome["combinations"][0]["loss"]
    assert loss["mean"] == pytest.approx(0.101)
    low, high = loss["interval"]
    assert (low + high) / 2 == pytest.approx(loss["mean"])
    assert high - low == pytest.approx(2 * 4.302653 * 0.001 / 3**0.5, rel=1e-5)  # Student's t, 2 degrees of freedom


def test_a_recipe_is_swept_as_it_is_where_nothing_is_set(here, tmp_path):
    outcome = tried({}, tmp_path / "a")
    assert [each["label"] for each in outcome["combinations"]] == ["as it is"]
    assert outcome["trained"] == 2


def test_what_is_finished_is_not_trained_again_whatever_sweep_it_comes_from(here, diary, tmp_path):
    tried({RATE: [0.1, 0.2]}, tmp_path / "a")
    again = tried({RATE: [0.1, 0.2]}, tmp_path / "a")
    assert (again["trained"], again["found"]) == (0, 4)
    more = tried({"batch_size": [32, 64], RATE: [0.2, 0.3]}, tmp_path / "a", seeds=3)
    assert (more["trained"], more["found"]) == (10, 2)  # the recipe's own batch size is 32
    assert len(diary()) == len(set(diary())) == len(rows(tmp_path / "a")) == 14


def test_a_value_given_twice_is_trained_once(here, diary, tmp_path):
    tried({RATE: ["0.1", "1e-1"]}, tmp_path / "a")
    assert len(diary()) == 2


def test_a_run_that_fails_is_a_row_with_its_error_and_stops_nothing(here, diary, tmp_path):
    choices = {"batch_size": [light_worker.FAILING, 32]}
    outcome = tried(choices, tmp_path / "a")
    good, bad = outcome["combinations"]
    assert (good["settings"], good["failed"], bad["failed"], bad["loss"]["mean"]) == ({"batch_size": 32}, 0, 2, None)
    assert bad["errors"] == ["training: found a loss of nan; expected finite numbers."]
    failed = [row for row in rows(tmp_path / "a") if row["error"]]
    assert [(row["batch_size"], row["validation_loss"]) for row in failed] == [(light_worker.FAILING, None)] * 2
    assert tried(choices, tmp_path / "a")["trained"] == 0
    assert len(diary()) == 4


def test_a_combination_that_the_recipe_refuses_is_a_row_too(here, tmp_path):
    choices = {"label_smoothing": [0.0, 0.1], "loss": ["mean_squared_error", "categorical_crossentropy"]}
    outcome = tried(choices, tmp_path / "a", seeds=1)
    assert [each["failed"] for each in outcome["combinations"]] == [0, 0, 0, 1]
    assert "label_smoothing=0.1 for mean_squared_error" in outcome["combinations"][-1]["errors"][0]
    assert len(rows(tmp_path / "a")) == 4
    again = tried(choices, tmp_path / "a", seeds=1)
    assert (again["trained"], again["found"], len(rows(tmp_path / "a"))) == (0, 3, 4)


def test_halving_goes_on_with_the_better_half_for_twice_the_epochs(here, tmp_path):
    rates = [0.4, 0.1, 0.2, 0.3]
    outcome = tried({RATE: rates}, tmp_path / "a", epochs=4, halving=True)
    ran = {(row["epochs"], row[RATE]) for row in rows(tmp_path / "a")}
    assert ran == {*((1, rate) for rate in rates), (2, 0.1), (2, 0.2), (4, 0.1)}
    assert [(each["settings"][RATE], each["epochs"]) for each in outcome["combinations"]] == [
        (0.1, 4),
        (0.2, 2),
        (0.3, 1),
        (0.4, 1),
    ]
    assert tried({RATE: rates}, tmp_path / "a", epochs=4, halving=True)["trained"] == 0


def test_halving_ends_where_all_fail(here, tmp_path):
    outcome = tried({"batch_size": [light_worker.FAILING], RATE: [0.1, 0.2]}, tmp_path / "a", epochs=4, halving=True)
    assert [each["failed"] for each in outcome["combinations"]] == [2, 2]
    assert outcome["best"] is None


def test_processes_train_what_this_one_would(two_processes, diary, tmp_path):
    outcome = tried({RATE: [0.1, 0.2]}, tmp_path / "a", seeds=4)
    assert len(two_processes) == 2
    assert (outcome["trained"], len(set(diary()))) == (8, 8)


def test_a_worker_that_is_killed_is_replaced_and_its_run_begun_again(two_processes, diary, tmp_path):
    killed = []

    def kill_once(label, seed, progress):
        if seed == 2 and not killed:
            killed.append(seed)
            os.kill(two_processes[0].pid, signal.SIGKILL)

    outcome = tried({RATE: [0.1]}, tmp_path / "a", seeds=6, epochs=5, on_progress=kill_once)
    assert len(two_processes) == 3
    assert (outcome["trained"], outcome["combinations"][0]["failed"], len(diary())) == (6, 0, 6)


def test_a_run_whose_worker_is_killed_goes_on_from_its_checkpoint(two_processes, diary, tmp_path):
    told = []

    def kill_once(label, seed, progress):
        if seed == 0:
            told.append(progress.epoch)
            if progress.epoch == 23:
                two_processes[0].kill()

    outcome = tried({RATE: [0.1]}, tmp_path / "a", epochs=60, checkpoint_every=5, on_progress=kill_once)
    assert len(two_processes) == 3
    assert (outcome["trained"], outcome["combinations"][0]["failed"], len(diary())) == (2, 0, 2)
    (again,) = (later for earlier, later in pairwise(told) if later <= earlier)
    assert again > 20
    assert again % 5 == 1
    assert files(tmp_path / "a") == ["results.parquet", "sweep.png"]


def test_a_killed_run_without_an_end_keeps_its_checkpoint_for_the_next_sweep(two_processes, tmp_path):
    told = defaultdict(list)

    def kill_always(label, seed, progress):
        if progress.epoch > 10:
            for process in two_processes:
                process.kill()

    settings = {"seeds": 1, "epochs": 200, "checkpoint_every": 5}
    choices = {RATE: [0.1, 0.2]}
    failed = tried(choices, tmp_path / "a", on_progress=kill_always, **settings)
    assert {each["failed"] for each in failed["combinations"]} == {1}
    kept = files(tmp_path / "a" / "checkpoints")
    assert kept
    again = tried(choices, tmp_path / "a", on_progress=lambda run, _, at: told[run].append(at.epoch), **settings)
    assert again["trained"] == 2
    assert sum(min(epochs) > 5 for epochs in told.values()) == len(kept)
    assert files(tmp_path / "a") == ["results.parquet", "sweep.png"]


def test_a_checkpoint_of_a_finished_run_is_removed_whenever_it_is_seen(here, tmp_path):
    tried({RATE: [0.1]}, tmp_path / "a", seeds=1, checkpoint_every=1)
    (row,) = rows(tmp_path / "a")
    (tmp_path / "a" / "checkpoints").mkdir()
    for name in (row["identity"], "another"):
        (tmp_path / "a" / "checkpoints" / f"{name}.checkpoint").write_text("1")
    assert tried({RATE: [0.1]}, tmp_path / "a", seeds=1)["found"] == 1
    assert files(tmp_path / "a" / "checkpoints") == ["another.checkpoint"]


@pytest.mark.parametrize("every", [0, 1.5])
def test_a_senseless_number_of_epochs_is_refused_at_once(here, every, tmp_path):
    with pytest.raises(RecipeError, match="checkpoint_every"):
        tried({RATE: [0.1]}, tmp_path / "a", checkpoint_every=every)
    assert list(tmp_path.iterdir()) == []


def test_a_run_whose_processes_are_always_killed_is_a_row_and_is_tried_again_next_time(two_processes, tmp_path):
    def kill(label, seed, progress):
        if seed == 0:
            for process in two_processes[-2:]:
                os.kill(process.pid, signal.SIGKILL)

    outcome = tried({RATE: [0.1]}, tmp_path / "a", epochs=200, on_progress=kill)
    assert outcome["combinations"][0]["failed"] >= 1
    assert "ended by signal 9 (SIGKILL)" in outcome["combinations"][0]["errors"][0]
    failed = [row for row in rows(tmp_path / "a") if row["error"]]
    assert [row["identity"] for row in failed] == [None] * len(failed)
    again = tried({RATE: [0.1]}, tmp_path / "a", epochs=200)
    assert (again["trained"], again["combinations"][0]["failed"], len(rows(tmp_path / "a"))) == (len(failed), 0, 2)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, -2), (signal.SIGTERM, 143)])
def test_a_sweep_that_is_ended_leaves_a_good_file_and_goes_on_from_it(diary, tmp_path, number, code):
    line, environment = command(tmp_path / "a", f"{RATE}=0.1,0.2,0.3", 20, 3)
    first = subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + LIMIT
    while len(diary()) < 12 and time.monotonic() < deadline:
        time.sleep(0.01)
        if (tmp_path / "a" / "results.parquet").exists():
            rows(tmp_path / "a")  # readable at every moment
    first.send_signal(number)
    assert first.wait(LIMIT) == code
    kept = {row["identity"] for row in rows(tmp_path / "a")}
    done = set(diary())
    assert kept <= done
    assert len(done - kept) <= 4  # two that had just ended, and two that their processes ended meanwhile
    second = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=LIMIT, check=True)
    assert second.stdout.splitlines()[-1] == f"{60 - len(kept)} {len(kept)}"
    assert {each for each in diary() if diary().count(each) > 1} <= done - kept
    assert len(rows(tmp_path / "a")) == 60
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "diary"]


def test_two_sweeps_do_not_fill_one_folder_at_once(here, tmp_path):
    started = []

    def begin_another(label, seed, progress):
        line, environment = command(tmp_path / "a", f"{RATE}=0.1", 1, 1)
        done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False)
        started.append(done)

    tried({RATE: [0.1]}, tmp_path / "a", seeds=1, on_progress=begin_another)
    assert started[0].returncode == 1
    assert "found another command that is filling it" in started[0].stderr
    assert len(rows(tmp_path / "a")) == 1


def test_a_sweep_that_is_interrupted_before_any_run_leaves_nothing(here, tmp_path):
    def stop(label, seed, progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tried({RATE: [0.1]}, tmp_path / "a", on_progress=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"PAR1 no PAR1", None])
def test_a_file_that_is_no_result_of_a_sweep_is_left_alone(here, tmp_path, content):
    import pyarrow

    (tmp_path / "a").mkdir()
    path = tmp_path / "a" / "results.parquet"
    if content is None:
        parquet.write_table(pyarrow.table({"x": [1]}), path)
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(OutputError, match="expected the results of a sweep"):
        tried({RATE: [0.1]}, tmp_path / "a")
    assert path.read_bytes() == before


def test_who_trains_can_be_chosen_and_ended_runs_are_written_together(here, tmp_path):
    def train(tasks, scratch, on_progress):
        yield [(task, light_worker.slept(task.job, task.seed)) for task in tasks]

    plan = make_sweep("mlp", {RATE: [0.1, 0.2]}, range(2), folder=tmp_path / "a", epochs=1)
    assert run(plan, train=train)["trained"] == 4
    assert len(rows(tmp_path / "a")) == 4
