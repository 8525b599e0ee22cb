"""More requests than the server can answer, and clients that leave."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from helpers.served import Served, open_sockets, running, status_of, wait_until, with_net
from tinydigits.serve import protocol
from tinydigits.serve.settings import Limits, Settings

IMAGE = bytes(784)
POST = b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n"


class BlockedNet:
    """A net that answers blank images at once, and others after `go` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked = 0

    def __call__(self, images):
        if images.any():
            self.asked += len(images)
            self.go.wait(30)
        return images[:, 0, :11].astype(float)


@pytest.fixture
def blocked(monkeypatch) -> Iterator[tuple[Served, BlockedNet]]:
    """A server that takes four requests at once, and its net."""
    net = BlockedNet()
    with_net(monkeypatch, net)
    monkeypatch.setattr("tinydigits.serve.service.answers_alike", lambda *_: True)
    with running(Settings(limits=replace(Limits(), working=4))) as server:
        yield server, net
        net.go.set()


SLOW = POST + b"Content-Length: 784\r\n\r\n" + b"\1" * 784


def test_what_is_too_much_is_answered_503_health_always_and_soon_all_is_well(blocked):
    served, net = blocked
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(served.connect()) for _ in range(4)]
        for client in clients:
            client.sendall(SLOW)
        wait_until(lambda: served.server.app.health.working == 4)
        refused = served.classify(IMAGE)
        assert refused.status == 503
        assert refused.headers["retry-after"] == "1"
        assert "expected fewer" in refused.json["error"]
        for path in ("/healthz", "/readyz", "/metrics"):
            assert served.ask("GET", path).status == 200
        net.go.set()
        assert all(status_of(client.recv(65_536)) == 200 for client in clients)
    assert served.classify(IMAGE).status == 200
    assert b"tinydigits_shed 1.0" in served.ask("GET", "/metrics").body


def test_a_refused_connection_stays_usable(blocked):
    served, net = blocked
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(served.connect()) for _ in range(5)]
        for client in clients[:4]:
            client.sendall(SLOW)
        wait_until(lambda: served.server.app.health.working == 4)
        clients[4].sendall(SLOW)
        assert status_of(clients[4].recv(65_536)) == 503
        net.go.set()
        wait_until(lambda: served.server.app.health.working == 0)
        clients[4].sendall(SLOW)
        assert status_of(clients[4].recv(65_536)) == 200


def test_a_refused_connection_is_not_heard_for_a_moment(blocked, monkeypatch):
    served, net = blocked
    monkeypatch.setattr(protocol, "REST_SECONDS", 30.0)
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(served.connect()) for _ in range(5)]
        for client in clients[:4]:
            client.sendall(SLOW)
        wait_until(lambda: served.server.app.health.working == 4)
        assert unheard(served) == 0
        clients[4].sendall(SLOW)
        assert status_of(clients[4].recv(65_536)) == 503
        wait_until(lambda: unheard(served) == 1)
        net.go.set()


def unheard(served):
    """How many connections nothing is read from at present."""
    return sum(not connection.transport.is_reading() for connection in [*served.server.server_state.connections])


def test_a_request_whose_client_has_gone_is_dropped_from_the_queue(blocked):
    served, net = blocked
    with served.connect() as first:
        first.sendall(SLOW)
        wait_until(lambda: net.asked == 1)
        with served.connect() as leaves:
            leaves.sendall(SLOW)
            wait_until(lambda: served.server.app.health.working == 2)
        wait_until(lambda: open_sockets(served) == 1)
        net.go.set()
        assert status_of(first.recv(65_536)) == 200
    wait_until(lambda: served.server.app.health.working == 0)
    assert net.asked == 1
    assert b"tinydigits_dropped_total 1.0" in served.ask("GET", "/metrics").body


def test_requests_in_a_row_of_a_client_that_left_are_not_asked_for(blocked):
    served, net = blocked
    with served.connect() as other:
        other.sendall(SLOW)
        wait_until(lambda: net.asked == 1)
        with served.connect() as leaves:
            leaves.sendall(SLOW * 2)
            wait_until(lambda: served.server.app.health.working == 3)
        wait_until(lambda: open_sockets(served) == 1)
        net.go.set()
        assert status_of(other.recv(65_536)) == 200
    wait_until(lambda: served.server.app.health.working == 0)
    assert net.asked == 1


def test_requests_in_a_row_of_a_client_that_left_do_not_count_for_ever(blocked):
    served, net = blocked
    with served.connect() as client:
        client.sendall(SLOW * 4)
        wait_until(lambda: served.server.app.health.working == 4)
    net.go.set()
    wait_until(lambda: served.server.app.health.working == 0)
    assert served.classify(IMAGE).status == 200
