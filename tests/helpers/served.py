"""A live server in a thread of this process, and what asks it."""

import asyncio
import http.client
import io
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tinydigits.serve import service
from tinydigits.serve.application import application
from tinydigits.serve.listening import bound
from tinydigits.serve.log import Log
from tinydigits.serve.server import Server
from tinydigits.serve.settings import Settings

# Seconds after which anything that a test waits for has failed.
PATIENCE = 60.0


@dataclass
class Answer:
    """An answer of the server's; the names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Served:
    """A running server.

    Attributes:
        log: what the server wrote so far, once it is flushed.
    """

    server: Server
    port: int
    log: io.StringIO = field(default_factory=io.StringIO)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send one request; `_` in the names of headers stands for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def raw(self, data: bytes) -> bytes:
        """Send bytes; returns all that comes until the server closes."""
        with self.connect() as client:
            client.sendall(data)
            return everything(client)

    def classify(self, image: bytes, **headers: str) -> Answer:
        return self.ask("POST", "/v1/classify", image, content_type="application/octet-stream", **headers)

    def log_lines(self) -> list[dict[str, Any]]:
        self.server.app.log.flush()
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


def everything(client: socket.socket) -> bytes:
    """Returns all that comes until the other side closes, or resets the connection."""
    parts = []
    try:
        while part := client.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def status_of(answer: bytes) -> int:
    """The status of the first of several answers."""
    return int(answer.split(maxsplit=2)[1])


def open_sockets(served: Served) -> int:
    return len(served.server.server_state.connections)


@contextmanager
def running(settings: Settings, *, warm: bool = True) -> Iterator[Served]:
    """A server in a thread; with `warm`, its model is loaded."""
    log = io.StringIO()
    server = Server(application(settings, Log(log)))
    with bound("127.0.0.1", 0) as listening:
        served = Served(server, listening.getsockname()[1], log)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            wait_until(lambda: server.started and (server.app.health.warm or not warm or server.should_exit))
            yield served
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
            assert not thread.is_alive()


def wait_until(happened: Any) -> None:
    """Wait until something is true; fails where it takes too long."""
    waiting = threading.Event()
    for _ in range(int(PATIENCE * 50)):
        if happened():
            return
        waiting.wait(0.02)
    raise AssertionError("waited in vain")


def without_reading_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that start from now on read no pictures, and are up at once."""
    monkeypatch.setattr(service, "reading_processes", lambda: 0)


def with_net(monkeypatch: pytest.MonkeyPatch, classify: Any) -> None:
    """Servers that start from now on answer by a function: uint8 [n, 28, 28] → float64 [n, 11]."""
    without_reading_processes(monkeypatch)
    monkeypatch.setattr(service, "loaded", lambda name: service.Model("stand-in", 0, classify))


def run_async(work: Any) -> Any:
    """Returns what a coroutine returns, in at most `PATIENCE` seconds.

    It runs in a thread of its own: the browser of other tests holds this thread's event loop.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asyncio.wait_for(work, PATIENCE)).result()
