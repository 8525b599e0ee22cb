"""uvicorn's HTTP protocol with the limits that it lacks: on first line and headers, on time, on load.

Clients that send slowly are found by a walk over all connections, twice a second, so that a request costs no timer.
"""

import asyncio
from enum import Enum
from http import HTTPStatus
from random import random
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from tinydigits.serve.health import Caller, Health
from tinydigits.serve.protocol_answers import BUSY, BUSY_AND_CLOSE, error_bytes
from tinydigits.serve.settings import Limits

# Where a request's `Caller` is in the ASGI scope.
CALLER = "tinydigits.caller"
# Requests for these are answered however busy the server is.
ALWAYS = (b"/healthz", b"/readyz", b"/metrics", b"/v2/health/")
# An idle connection stays open for this long when the server ends: a request may be on its way.
GRACE_SECONDS = 0.5
# After a 503, nothing more is read from a connection for about this long, half as long to half as long again: clients
# that come back at once, and all together, would take the time that answers need.
REST_SECONDS = 0.25
# A body that was refused is read on, so that the client sees the answer, up to this multiple of the limit.
READ_ON = 4


class Stage(Enum):
    """What a connection waits for."""

    IDLE = "a request"
    HEAD = "the rest of first line and headers"
    BODY = "the rest of a body"
    ANSWER = "our answer"


class GuardedProtocol(HttpToolsProtocol):
    """One connection. A subclass made by `guarded` knows the limits and the server's health."""

    limits: Limits
    health: Health

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.stage = Stage.HEAD
        self.since = 0.0  # when the stage began, in the loop's time
        self.received = 0  # bytes of this request
        self.head_bytes = 0  # bytes that arrived while the head was not whole
        self.header_bytes = 0  # of headers that were parsed, trailers included
        self.unsent_since: float | None = None
        self.caller: Caller | None = None
        self.shed = False  # this request was answered 503, and its body is left unread
        self.refusal: HTTPStatus | None = None
        self.closing = False  # nothing more is read
        self.disconnected = False  # the client has gone

    # What asyncio calls.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.since = self.loop.time()
        if len(self.connections) > self.limits.connections:
            self.refuse(HTTPStatus.SERVICE_UNAVAILABLE)

    def data_received(self, data: bytes) -> None:
        if self.closing:
            return
        if self.stage is Stage.IDLE:
            self.enter(Stage.HEAD)
        super().data_received(data)
        self.received += len(data)  # a request that begins in these bytes has set it to 0
        if self.stage is Stage.HEAD:
            self.head_bytes += len(data)
        if self.refusal is None and self.stage is Stage.HEAD and self.head_bytes > self.limits.head_bytes:
            self.refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        if self.refusal is not None and not self.closing:
            self.refuse(self.refusal)
        elif self.stage is Stage.BODY and self.received > READ_ON * self.limits.body_bytes:
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closing = self.disconnected = True
        for cycle, _ in self.pipeline:  # these will never begin
            cycle.scope[CALLER].answered()  # type: ignore[literal-required]
        super().connection_lost(exc)

    # What the parser calls.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.enter(Stage.HEAD)
        self.received = self.head_bytes = self.header_bytes = 0
        self.shed = False
        self.caller = None

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > self.limits.url_bytes:
            self.refusal = HTTPStatus.REQUEST_URI_TOO_LONG

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self.header_bytes += len(name) + len(value)
        if len(self.headers) > self.limits.headers or self.header_bytes > self.limits.head_bytes:
            self.refusal = self.refusal or HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE

    def on_headers_complete(self) -> None:
        self.enter(Stage.BODY)
        if self.refusal is not None:
            return
        if len(self.pipeline) >= self.limits.pipelined:
            self.refusal = HTTPStatus.TOO_MANY_REQUESTS
            return
        if self.is_too_busy():
            self.shed_request()
            return
        super().on_headers_complete()
        self.caller = Caller(self.health, self)
        self.scope[CALLER] = self.caller  # type: ignore[literal-required]
        if self.health.draining:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        if not self.shed and self.refusal is None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self.refusal is None and not self.shed:
            super().on_message_complete()
            if self.caller is not None:
                self.caller.arrived()
        self.enter(Stage.ANSWER if self.is_answering() else Stage.IDLE)

    # What uvicorn calls.

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.stage is Stage.ANSWER and not self.pipeline:
            self.enter(Stage.IDLE)

    def send_400_response(self, msg: str) -> None:
        if not self.closing:
            self.refuse(HTTPStatus.BAD_REQUEST)

    def shutdown(self) -> None:
        """End the connection once its request, or one that may be on its way, is answered."""
        if self.is_answering():
            self.cycle.keep_alive = False
        else:
            self.loop.call_later(GRACE_SECONDS, self.end_if_unused)

    # Our own.

    def enter(self, stage: Stage) -> None:
        self.stage = stage
        self.since = self.loop.time()

    def is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def is_too_busy(self) -> bool:
        """Returns whether this request is to be answered 503 on the spot."""
        if self.health.working < self.limits.working or self.is_answering():
            return False
        return not self.url.startswith(ALWAYS)

    def shed_request(self) -> None:
        """Answer 503 without troubling the application; the body, if one comes, is dropped."""
        self.shed = True
        self.health.shed += 1
        close = self.expect_100_continue or not self.parser.should_keep_alive()
        self.transport.write(BUSY_AND_CLOSE if close else BUSY)
        if close:
            self.closing = True
            self.transport.close()
        else:
            self.flow.pause_reading()
            self.loop.call_later(REST_SECONDS * (0.5 + random()), self.flow.resume_reading)

    def end_if_unused(self) -> None:
        """Close if no request has arrived but for a part of its head."""
        if not self.is_answering() and self.stage is not Stage.BODY:
            self.transport.close()

    def refuse(self, status: HTTPStatus) -> None:
        """Answer with an error, unless another answer has begun, and close."""
        self.closing = True
        self.health.refused += 1
        if self.is_answering() and self.stage is not Stage.BODY:
            self.cycle.keep_alive = False  # the answer to an earlier request is on its way
            return
        if self.stage is not Stage.BODY or self.refusal or not (self.cycle and self.cycle.response_started):
            self.transport.write(error_bytes(status, close=True))
        self.transport.close()

    def cut(self) -> None:
        """Close at once, without an answer."""
        self.closing = True
        self.health.refused += 1
        self.transport.abort()

    def cut_if_slow(self, now: float) -> None:
        """Refuse or cut off a client that keeps the server waiting for too long."""
        if self.transport.get_write_buffer_size() == 0:
            self.unsent_since = None
        elif self.unsent_since is None:
            self.unsent_since = now
        elif now - self.unsent_since > self.limits.write_seconds:
            self.cut()
            return
        if self.closing or self.flow.read_paused:
            self.since = now  # we keep the client waiting
        elif now - self.since > self.patience():
            if self.stage is Stage.IDLE or not self.received:
                self.transport.close()
            else:
                self.refuse(HTTPStatus.REQUEST_TIMEOUT)

    def patience(self) -> float:
        """Returns how long, in seconds, the present stage may last."""
        if self.stage is Stage.HEAD:
            return self.limits.head_seconds
        if self.stage is Stage.BODY:
            return self.limits.body_seconds + self.received / self.limits.body_rate
        return self.limits.idle_seconds if self.stage is Stage.IDLE else float("inf")


def guarded(limits: Limits, health: Health) -> type[GuardedProtocol]:
    """Returns the protocol class of one server."""
    return type("Guarded", (GuardedProtocol,), {"limits": limits, "health": health})
