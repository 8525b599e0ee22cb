"""Trainings are killed at any moment, and go on; what they end with is compared with a training that ran through."""

import json
import random
import shutil
import subprocess
import sys

import pytest

from helpers import killed_trainings
from helpers.same_runs import assert_same_run
from tinydigits.errors import CheckpointError
from tinydigits.formats import checkpoint_file

# Kills of one training before it is left to its end.
KILLS = 10


class Trainings:
    """The process that forks trainings."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, killed_trainings.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def train(self, folder, *, engine="native", every=1, resume=False, kill=None, torn=False, epochs=None):
        order = {"engine": engine, "folder": str(folder), "every": every, "resume": resume, "kill": kill, "torn": torn}
        self.process.stdin.write(json.dumps({**order, **({"epochs": epochs} if epochs else {})}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def trainings():
    started = Trainings()
    yield started
    started.process.kill()
    started.process.communicate(timeout=60)


def whole_run(trainings, folder, engine):
    assert trainings.train(folder, engine=engine)["code"] == 0
    return folder


@pytest.fixture(scope="module")
def whole(trainings, tmp_path_factory):
    """The run folder of a native training that nobody ended."""
    return whole_run(trainings, tmp_path_factory.mktemp("whole") / "run", "native")


def killed_and_resumed(trainings, place, chance, engine="native", epochs=4):
    """Kills a training ten times at random moments, before, within and after epochs, and then lets it end."""
    kills = 0
    for _ in range(KILLS):
        moment = {"after": chance.randrange(epochs), "delay": chance.uniform(0, 0.05)}
        outcome = trainings.train(place / "run", engine=engine, resume=True, kill=moment)
        kills += outcome["code"] == -9
        assert outcome["code"] in (-9, 0)
        checkpoint_file.read(place / "run.checkpoint")  # which raises an error if it is not whole
        assert not any((place / "run").glob("*")) or (place / "run" / "report.json").exists()
    assert trainings.train(place / "run", engine=engine, resume=True)["code"] == 0
    return kills


def test_a_training_killed_ten_times_ends_with_the_same_bits(trainings, whole, tmp_path):
    kills = killed_and_resumed(trainings, tmp_path, random.Random(1))
    assert kills >= KILLS // 2, "too few kills for this test to show anything"
    assert_same_run(whole, tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == ["run"]


def test_without_atomic_writing_a_kill_leaves_a_torn_checkpoint(trainings, tmp_path):
    """The control: the same kills, of trainings that write checkpoints piece by piece into their place."""
    chance, torn = random.Random(1), 0
    for number in range(2 * KILLS):
        place = tmp_path / str(number) / "run"
        place.parent.mkdir()
        moment = {"after": chance.randrange(1, 4), "delay": chance.uniform(0, 0.05)}
        trainings.train(place, kill=moment, torn=True)
        try:
            checkpoint_file.read(place.with_name("run.checkpoint"))
        except CheckpointError:
            torn += 1
            assert trainings.train(place, resume=True)["code"] == 1
            break
    assert torn > 0


@pytest.mark.long
@pytest.mark.parametrize("round_", range(105))
def test_a_thousand_kills_and_more_change_no_bit(round_, trainings, whole, tmp_path):
    kills = killed_and_resumed(trainings, tmp_path, random.Random(round_))
    assert_same_run(whole, tmp_path / "run")
    print(f"kills: {kills}")
    shutil.rmtree(tmp_path)


@pytest.mark.long
def test_keras_own_fit_goes_on_too(trainings, tmp_path):
    whole = whole_run(trainings, tmp_path / "whole", "keras")
    assert killed_and_resumed(trainings, tmp_path, random.Random(1), engine="keras", epochs=2) >= KILLS // 2
    assert_same_run(whole, tmp_path / "run")
