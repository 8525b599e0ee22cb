"""However the server ends in the middle of a training, whole run folders are left, and no process."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from helpers import light_training
from helpers.light_training import ENDLESS
from helpers.served import PATIENCE, wait_until
from tinydigits.formats.run_folder import free_folder

# `tinydigits serve` with trainings that are sleep.
LIGHT = f"""
from tinydigits.__main__ import main
from tinydigits.serve import service
from tinydigits.serve.studio import process
process.TRAINING = ({light_training.__file__!r},)
service.reading_processes = lambda: 0
main()
"""
REAL = "from tinydigits.__main__ import main; main()"
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's list of processes")


class Server:
    """A server as a process of its own, that trains into the folder it runs in."""

    def __init__(self, program, place, log):
        command = (sys.executable, "-c", program, "serve", "--port", "0", "--model", "pocket-1k")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=place)
        self.port = int(self.process.stdout.readline().rpartition(":")[2])

    def ask(self, method, path, value=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            body = None if value is None else json.dumps(value)
            connection.request(method, path, body, {"content-type": "application/json"})
            return json.loads(connection.getresponse().read())

    def training(self, **order):
        """Begins a training; returns its id once it has told of an epoch."""
        name = self.ask("POST", "/v1/trainings", {"recipe": "mlp", **order})["id"]
        wait_until(lambda: self.ask("GET", f"/v1/trainings/{name}")["fraction"] > 0)
        return name


@contextlib.contextmanager
def server(program, place):
    with tempfile.TemporaryFile() as log:
        started = Server(program, place, log)
        try:
            yield started
        finally:
            started.process.kill()
            started.process.communicate(timeout=PATIENCE)


def children_of(number):
    tasks = Path(f"/proc/{number}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def alive(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def names(place):
    return sorted(path.name for path in place.iterdir())


def test_a_training_notices_that_its_server_was_killed_and_ends_tidily(tmp_path):
    with server(LIGHT, tmp_path) as served:
        served.training(batch_size=ENDLESS)
        children = children_of(served.process.pid)
        assert len(children) == 1
        assert len(names(tmp_path)) == 4  # its hidden folder, its name, its checkpoint and its order
        served.process.kill()
        wait_until(lambda: not any(map(alive, children)))
        assert names(tmp_path) == ["mlp.checkpoint", "mlp.training.json"]


def test_what_a_killed_server_and_its_killed_training_left_is_cleared_by_the_next(tmp_path):
    with server(LIGHT, tmp_path) as served:
        served.training(batch_size=ENDLESS)
        [child] = children_of(served.process.pid)
        os.kill(child, signal.SIGSTOP)  # so that it cannot end tidily
        served.process.kill()
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: not alive(child))
    assert [name[:5] for name in names(tmp_path)] == [".mlp.", "mlp", "mlp.c", "mlp.t"]
    assert not (tmp_path / "mlp" / "report.json").exists()
    assert free_folder("mlp", tmp_path).name == "mlp-2"  # the checkpoint may still be gone on with
    assert names(tmp_path) == ["mlp.checkpoint", "mlp.training.json"]


def ended_by_sigterm(program, place, **order):
    """Ends a server in the middle of a training with an open stream; returns the seconds that it took."""
    received = []
    with server(program, place) as served:
        name = served.training(**order)
        children = children_of(served.process.pid)
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
        connection.request("GET", f"/v1/trainings/{name}/events")
        answer = connection.getresponse()
        reading = threading.Thread(target=lambda: received.append(answer.read()))
        reading.start()
        begun = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(PATIENCE) == 0
        seconds = time.monotonic() - begun
        reading.join(PATIENCE)
        connection.close()
        assert received[0].startswith(b"id: 1\n")
        assert not any(map(alive, children))
    return seconds


def test_sigterm_ends_a_training_tidily_and_open_streams(tmp_path):
    ended_by_sigterm(LIGHT, tmp_path, batch_size=ENDLESS)
    assert names(tmp_path) == ["mlp.checkpoint", "mlp.training.json"]


@pytest.mark.timing
@pytest.mark.parametrize("seeds", [1, 2])
def test_sigterm_in_a_real_training_ends_all_in_five_seconds(tmp_path, seeds):
    seconds = ended_by_sigterm(REAL, tmp_path, epochs=1_000, seeds=seeds)
    print(f"SIGTERM to the end: {seconds:.2f} s")
    assert seconds < 5
    assert {name.rpartition(".")[2] for name in names(tmp_path)} <= {"checkpoint", "json"}


@pytest.mark.long
@pytest.mark.parametrize("seeds", [1, 2])
def test_a_real_training_notices_that_its_server_was_killed(tmp_path, seeds):
    with server(REAL, tmp_path) as served:
        served.training(epochs=1_000, seeds=seeds)
        children = children_of(served.process.pid)
        children += [child for each in children for child in children_of(each)]
        served.process.kill()
        wait_until(lambda: not any(map(alive, children)))
    assert {name.rpartition(".")[2] for name in names(tmp_path)} <= {"checkpoint", "json"}


@pytest.mark.long
def test_a_real_training_is_stopped_and_gone_on_with(tmp_path):
    with server(REAL, tmp_path) as served:
        name = served.training(epochs=100, learning_rate=0.02)
        path = f"/v1/trainings/{name}"
        wait_until(lambda: served.ask("GET", path)["fraction"] > 0.1)
        served.ask("POST", f"{path}/stop")
        wait_until(lambda: served.ask("GET", path)["state"] == "stopped")
        assert names(tmp_path) == ["mlp.checkpoint", "mlp.training.json"]
        served.ask("POST", f"{path}/resume")
        wait_until(lambda: served.ask("GET", path)["state"] == "finished")
        run = served.ask("GET", path)["report"]
        assert run["epochs"] == 100
        assert run["accuracy"]["test"] > 0.9
    assert names(tmp_path) == ["mlp"]
