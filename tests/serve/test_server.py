"""The server as a process of its own: how it begins, and how it ends."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.served import PATIENCE, Answer, running, wait_until
from tinydigits.serve.settings import Limits, Settings

PAGE = Path(__file__).parents[2] / "docs" / "page.jpg"
IMAGE = bytes(784)


@contextlib.contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`tinydigits serve` as a process whose log goes into a file, and its port; its model may still be loading."""
    command = (sys.executable, "-m", "tinydigits", "serve", "--port", "0", *arguments)
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        process.log = log
        try:
            yield process, int(process.stdout.readline().rpartition(":")[2])
        finally:
            process.kill()
            process.communicate(timeout=PATIENCE)


def log_lines(process: subprocess.Popen[str]) -> list[str]:
    """Returns the lines of the log that a process wrote so far."""
    process.log.seek(0)
    return process.log.read().splitlines()


def ask(port: int, method: str, path: str, body: bytes | None = None) -> int:
    """Returns the status of an answer; 0 where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, {"content-type": "application/octet-stream"} if body else {})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except ConnectionError:
        return 0
    finally:
        connection.close()


def wait_until_ready(port: int) -> None:
    wait_until(lambda: ask(port, "GET", "/readyz") == 200)


class Client(threading.Thread):
    """Asks on one connection until the server closes it, and notes what it got."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.connection.connect()
        self.statuses: list[int] = []
        self.broken: list[Exception] = []

    def run(self) -> None:
        closed = False
        while not closed:
            try:
                headers = {"content-type": "application/octet-stream"}
                self.connection.request("POST", "/v1/classify", IMAGE, headers)
                answer = self.connection.getresponse()
                answer.read()
            except (ConnectionError, http.client.HTTPException) as error:
                self.broken.append(error)
                return
            self.statuses.append(answer.status)
            closed = answer.getheader("connection") == "close"
        self.connection.close()


def test_sigterm_under_load_drops_no_request_and_the_exit_code_is_0():
    with started("--model", "pocket-1k") as (process, port):
        wait_until_ready(port)
        clients = [Client(port) for _ in range(16)]
        for client in clients:
            client.start()
        wait_until(lambda: all(len(client.statuses) > 5 for client in clients))
        process.send_signal(signal.SIGTERM)
        for client in clients:
            client.join(PATIENCE)
        assert [client.broken for client in clients] == [[]] * 16
        assert {status for client in clients for status in client.statuses} == {200}
        assert process.wait(PATIENCE) == 0
        events = [json.loads(line)["event"] for line in log_lines(process)]
        assert events[0] == "listening"
        assert events[-1] == "ended"
        assert {"ready", "draining", "request"} <= set(events)


def test_a_picture_that_is_being_read_is_answered_before_the_end():
    answers: list[Answer] = []
    with running(Settings()) as served:
        reading = threading.Thread(target=lambda: answers.append(served.ask("POST", "/v1/read", PAGE.read_bytes())))
        reading.start()
        wait_until(lambda: served.server.app.health.working == 1)
    reading.join(PATIENCE)
    assert [answer.status for answer in answers] == [200]


def test_a_picture_that_takes_too_long_at_the_end_is_answered_503(monkeypatch):
    answers: list[Answer] = []
    with running(Settings(limits=Limits(drain_seconds=1.0))) as served:
        [process, *_] = served.server.app.service.readings.processes
        process.process.send_signal(signal.SIGSTOP)
        reading = threading.Thread(target=lambda: answers.append(served.ask("POST", "/v1/read", PAGE.read_bytes())))
        reading.start()
        wait_until(lambda: served.server.app.health.working == 1)
    reading.join(PATIENCE)
    assert answers[0].status == 503
    assert "a server that ends" in answers[0].json["error"]


def children_of(process: subprocess.Popen[str]) -> list[int]:
    """Processes that a process has started."""
    return [int(number) for number in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def runs(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's list of processes")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_no_process_is_left_behind(number):
    with started() as (process, port):
        wait_until_ready(port)
        children = children_of(process)
        assert children
        os.kill(process.pid, number)
        assert process.wait(PATIENCE) == (-signal.SIGKILL if number == signal.SIGKILL else 0)
        wait_until(lambda: not any(map(runs, children)))


def test_a_reading_process_that_dies_is_started_again(served):
    processes = served.server.app.service.readings.processes
    before = [each.process.pid for each in processes]
    for number in before:
        os.kill(number, signal.SIGKILL)
    statuses = [served.ask("POST", "/v1/read", PAGE.read_bytes()).status for _ in range(len(before) + 1)]
    assert set(statuses) <= {200, 422}
    assert statuses[-1] == 200


def test_a_server_that_is_asked_to_end_while_it_loads_ends():
    with started() as (process, port):
        assert ask(port, "GET", "/healthz") == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_a_log_that_nobody_reads_holds_up_no_request_and_not_the_end():
    command = (sys.executable, "-m", "tinydigits", "serve", "--port", "0")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        port = int(process.stdout.readline().rpartition(":")[2])
        wait_until_ready(port)
        # The log has more than 100 bytes a request; a pipe holds 64 kB.
        assert {ask(port, "GET", "/none") for _ in range(1_000)} == {404}
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)
