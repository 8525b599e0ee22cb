"""The ASGI application: checks who asks, counts the body, answers, logs; whatever happens becomes an answer."""

import asyncio
import itertools
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from time import perf_counter

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from tinydigits.serve import access
from tinydigits.serve.batching import ClientGoneError
from tinydigits.serve.body import Body
from tinydigits.serve.health import Caller, Health
from tinydigits.serve.log import Log, trace
from tinydigits.serve.metrics import Metrics
from tinydigits.serve.protocol import CALLER
from tinydigits.serve.refusal import RefusalError, busy
from tinydigits.serve.routes import Table
from tinydigits.serve.settings import Settings

# A client's own X-Request-Id is taken over if it is like this.
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# What the log and the metrics say of a client that did not wait for its answer, as nginx does.
CLIENT_GONE = 499
POLICY = b"content-security-policy"
# Headers of every answer.
PROTECTION = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Exchange:
    """One request and its answer.

    Attributes:
        path: of the route, once it is known.
        status: of the answer, once it has begun.
    """

    def __init__(self, scope: Scope, request_id: str, caller: Caller, send: Send) -> None:
        self.scope = scope
        self.id = request_id
        self.caller = caller
        self.forward = send
        self.path = "(none)"
        self.status = 0

    async def send(self, message: Message) -> None:
        """Pass on a part of the answer; its head gets the request's id."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.caller.answered()
            message["headers"] = [*message["headers"], (b"x-request-id", self.id.encode()), *self.protection(message)]
        await self.forward(message)

    def protection(self, message: Message) -> Iterable[tuple[bytes, bytes]]:
        """Returns what keeps a browser from misusing an answer; a page says itself what it may load."""
        has_policy = any(name == POLICY for name, _ in message["headers"])
        return PROTECTION if has_policy else (*PROTECTION, (POLICY, b"default-src 'none'; frame-ancestors 'none'"))


class Gate:
    """The application that uvicorn runs."""

    def __init__(self, table: Table, settings: Settings, health: Health, metrics: Metrics, log: Log) -> None:
        self.table = table
        self.settings = settings
        self.health = health
        self.metrics = metrics
        self.log = log
        self.ids = map("{}{:08x}".format, itertools.repeat(secrets.token_hex(4)), itertools.count())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"scope of type {scope['type']}: only http is served")
        started = perf_counter()
        caller = scope.get(CALLER) or Caller(self.health)
        headers = dict(scope["headers"])
        exchange = Exchange(scope, self.request_id(headers), caller, send)
        try:
            await self.answer(exchange, headers, receive)
        finally:
            caller.answered()
            self.note(exchange, perf_counter() - started)

    async def answer(self, exchange: Exchange, headers: Mapping[bytes, bytes], receive: Receive) -> None:
        """Answer a request; every error becomes an answer, unless one has begun."""
        try:
            await self.respond(exchange, headers, receive)
        except (ClientDisconnect, ClientGoneError):
            exchange.status = exchange.status or CLIENT_GONE
        except RefusalError as refusal:
            await self.refuse(exchange, refusal)
        except asyncio.CancelledError:  # the server has no time left
            await self.refuse(exchange, busy("a server that ends", "one that does not"))
        except Exception as error:
            self.log.write("error", id=exchange.id, path=exchange.path, trace=trace(error))
            if exchange.status:
                raise
            failure = RefusalError(
                500, "server", found="an error of its own", expected="none", fix="Its log says more."
            )
            await self.refuse(exchange, failure)

    async def respond(self, exchange: Exchange, headers: Mapping[bytes, bytes], receive: Receive) -> None:
        """Let the route answer, if the request may be asked and its body is not too large."""
        scope = exchange.scope
        check_heads(scope, headers)
        access.check_host(headers.get(b"host", b"").decode("latin-1"), self.settings)
        route, scope["path_params"] = self.table.find(scope["method"], scope["path"])
        exchange.path = route.path
        access.check_origin(scope["method"], headers)
        access.check_token(headers.get(b"authorization"), route.access, self.settings)
        announced = headers.get(b"content-length")
        body = Body(receive, route.most_bytes, int(announced) if announced else None, self.settings.limits, self.health)
        scope[CALLER] = exchange.caller
        try:
            response = await route.answer(Request(scope, body))
            await response(scope, body, exchange.send)
        finally:
            body.let_go()

    async def refuse(self, exchange: Exchange, refusal: RefusalError) -> None:
        """Send a refusal; where an answer has begun, nothing can be said any more."""
        if exchange.status:
            return
        response = error_response(refusal.status, str(refusal), refusal.headers)
        await response(exchange.scope, nothing, exchange.send)

    def request_id(self, headers: Mapping[bytes, bytes]) -> str:
        given = headers.get(b"x-request-id")
        return given.decode() if given and REQUEST_ID.fullmatch(given) else next(self.ids)

    def note(self, exchange: Exchange, seconds: float) -> None:
        """Count and log an exchange that is over."""
        status = exchange.status or CLIENT_GONE
        self.metrics.answered(exchange.path, status, seconds)
        client = exchange.scope.get("client")
        self.log.write(
            "request",
            id=exchange.id,
            client=client and client[0],
            method=exchange.scope["method"],
            path=exchange.scope["path"][:200],
            status=status,
            ms=round(1000 * seconds, 2),
        )


def check_heads(scope: Scope, headers: Mapping[bytes, bytes]) -> None:
    """Raises RefusalError if a header that decides something is there twice."""
    if len(headers) == len(scope["headers"]):
        return
    names = [name for name, _ in scope["headers"]]
    for name in (b"host", b"origin", b"authorization", b"content-length", b"content-type"):
        if names.count(name) > 1:
            raise RefusalError(400, name.decode().title(), found="several such headers", expected="one")


def error_response(status: int, message: str, headers: Mapping[str, str]) -> Response:
    """Returns an answer that says what went wrong: `{"error": message}`."""
    body = json.dumps({"error": message}).encode()
    return Response(body, status, dict(headers), "application/json")


async def nothing() -> Message:
    """A `receive` for answers that do not look at the request."""
    return {"type": "http.disconnect"}
