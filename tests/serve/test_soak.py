"""A server that is used for long holds no more than at the beginning: descriptors, threads and memory."""

import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from helpers import fuzz
from helpers.served import PATIENCE, everything, wait_until

PAGE = (Path(__file__).parents[2] / "docs" / "page.jpg").read_bytes()
# Megabytes that memory may grow by after the first third: allocators keep what they had once.
SLACK = 16


@dataclass(frozen=True)
class Held:
    """What a process holds."""

    descriptors: int
    threads: int
    megabytes: float


def held_by(number: int) -> Held:
    status = dict(line.split(":", 1) for line in Path(f"/proc/{number}/status").read_text().splitlines())
    descriptors = len([*Path(f"/proc/{number}/fd").iterdir()])
    return Held(descriptors, int(status["Threads"]), int(status["VmRSS"].split()[0]) / 1000)


def status(port: int, method: str, path: str, body: bytes | None = None) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, {"content-type": "application/octet-stream"})
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def round_of_requests(port: int, seed: int) -> None:
    """Asks for a little of everything, well and badly."""
    assert [status(port, "POST", "/v1/classify", bytes(784)) for _ in range(100)] == [200] * 100
    assert status(port, "POST", "/v1/read", PAGE) == 200
    assert status(port, "GET", "/") == 200
    for request in fuzz.requests(seed, 50):
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            everything(client)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's list of processes")
@pytest.mark.parametrize("seconds", [3, pytest.param(1_800, marks=pytest.mark.long)])
def test_descriptors_threads_and_memory_stay_as_they_are(seconds):
    command = (sys.executable, "-m", "tinydigits", "serve", "--port", "0")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        port = int(process.stdout.readline().rpartition(":")[2])
        wait_until(lambda: status(port, "GET", "/readyz") == 200)
        round_of_requests(port, 0)
        begun, seen = time.monotonic(), []
        while time.monotonic() - begun < seconds or len(seen) < 3:
            round_of_requests(port, len(seen) + 1)
            seen.append(held_by(process.pid))
        early, late = seen[: len(seen) // 3], seen[-(len(seen) // 3) :]
        for name in ("descriptors", "threads"):
            assert max(getattr(held, name) for held in late) <= max(getattr(held, name) for held in early) + 2, seen
        assert max(held.megabytes for held in late) <= max(held.megabytes for held in early) + SLACK, seen
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait(PATIENCE)
        process.stdout.close()
