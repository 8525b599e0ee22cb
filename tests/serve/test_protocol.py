"""What clients may do to a connection, and what they may not."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from helpers.served import Served, everything, open_sockets, running, status_of, wait_until, with_net
from tinydigits.serve.settings import Limits, Settings

IMAGE = bytes(784)
GET = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n"
CLASSIFY = POST + b"Content-Length: 784\r\n\r\n" + IMAGE
# A client that is slower than this is cut off.
SHORT = 0.6


@pytest.fixture(scope="module")
def strict() -> Iterator[Served]:
    """A server that has little patience."""
    limits = Limits(
        connections=300, head_seconds=SHORT, body_seconds=SHORT, write_seconds=SHORT, idle_seconds=1, drain_seconds=1.0
    )
    with contextlib.ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:  # undone before other servers start
            with_net(patch, lambda images: images[:, 0, :11].astype(float))
            server = stack.enter_context(running(Settings(limits=limits)))
        yield server


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET /" + b"a" * 500_000, 414),
        (GET + b"".join(b"x-%d: 1\r\n" % n for n in range(70)) + b"\r\n", 431),
        (GET + b"x: " + b"a" * 17_000 + b"\r\n\r\n", 431),
        (GET + b"x: " + b"a" * 500_000, 431),
        (b"GET / HTTP/1.1\r\n" + b"x:\r\n" * 100_000, 431),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_reasonable_request_is_refused_and_the_connection_closed(strict, request_bytes, status):
    answer = strict.raw(request_bytes)
    assert status_of(answer) == status
    assert "error" in json.loads(answer.split(b"\r\n\r\n", 1)[1])


def test_headers_after_the_body_are_bounded_too(strict):
    with strict.connect() as client:
        client.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n")
        with contextlib.suppress(OSError):
            for _ in range(2_000):
                client.sendall(b"x: " + b"a" * 500 + b"\r\n")
        everything(client)  # ends: the server has closed
    assert strict.classify(IMAGE).status == 200


@pytest.mark.parametrize(
    ("begin", "drip"),
    [
        (b"", b""),
        (b"GET /", b"a"),
        (GET, b"x: y\r\n"),
        (POST + b"Content-Length: 784\r\n\r\n", b"\0"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n\0\r\n"),
    ],
    ids=["nothing", "first line", "headers", "body", "chunks"],
)
def test_a_client_that_sends_slowly_is_cut_off(strict, begin, drip):
    with strict.connect() as client:
        client.sendall(begin)
        client.settimeout(0.2)
        answer = b"-"
        for _ in range(100):  # the control below shows that a patient server waits for these
            try:
                client.sendall(drip)
                answer = client.recv(65_536)
                break
            except TimeoutError:
                pass
            except ConnectionError:
                answer = b""
                break
        else:
            raise AssertionError("a slow client was never cut off")
    assert answer == b"" or status_of(answer) == 408


@pytest.mark.parametrize("begin", [GET[:10], GET, POST + b"Content-Length: 784\r\n\r\n" + IMAGE[:9]])
def test_a_client_that_stops_half_way_is_told_so(strict, begin):
    assert status_of(strict.raw(begin)) == 408


def test_a_client_may_take_its_time_within_the_limits(served):
    """The control of the test before: the usual limits."""
    with served.connect() as client:
        client.sendall(POST + b"Content-Length: 784\r\n\r\n")
        for _ in range(7):
            threading.Event().wait(0.2)
            client.sendall(bytes(112))
        assert status_of(client.recv(65_536)) == 200


def test_a_client_that_does_not_take_its_answers_is_cut_off(strict):
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect(("127.0.0.1", strict.port))
        client.settimeout(5)
        many = np.zeros(784 * 1_000, np.uint8).tobytes()
        request = POST + b"Content-Length: %d\r\n\r\n" % len(many) + many
        with pytest.raises(OSError, match=r"reset|[Bb]roken|timed out"):
            for _ in range(200):
                client.sendall(request)
        wait_until(lambda: not open_sockets(strict))


def test_two_hundred_half_open_sockets_keep_nobody_from_an_answer(strict):
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(strict.connect()).sendall(b"POST /v1/classify HTTP/1.1\r\nHo")
        wait_until(lambda: open_sockets(strict) >= 200)
        assert [strict.classify(IMAGE).status for _ in range(20)] == [200] * 20
        wait_until(lambda: open_sockets(strict) == 0)  # all were cut off meanwhile


def test_connections_are_bounded_and_one_more_is_told_so(strict):
    with contextlib.ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(strict.connect())
        wait_until(lambda: open_sockets(strict) >= 300)
        with strict.connect() as client:
            answer = everything(client)
        assert status_of(answer) == 503
        assert b"retry-after: 1" in answer
    wait_until(lambda: open_sockets(strict) == 0)


def test_requests_in_a_row_on_one_connection_are_answered_in_order(strict):
    answer = strict.raw(CLASSIFY * 5 + GET + b"Connection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200") == 6
    assert answer.rindex(b'"answers"') > answer.rindex(b'"no_digit"') > answer.index(b'"no_digit"')


def test_answers_are_sent_without_waiting_for_an_acknowledgement(strict):
    with strict.connect() as client:
        client.sendall(GET + b"\r\n")
        client.recv(65_536)
        [connection] = strict.server.server_state.connections
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_too_many_requests_that_wait_for_no_answer_are_refused(strict):
    answer = strict.raw(CLASSIFY * 100)
    assert 0 < answer.count(b"HTTP/1.1 200") <= 1 + Limits().pipelined
    wait_until(lambda: strict.server.app.health.working == 0)
