"""The whole application: its parts, and its table of routes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from tinydigits.serve import classify, states
from tinydigits.serve.gate import Gate
from tinydigits.serve.health import Health
from tinydigits.serve.log import Log
from tinydigits.serve.metrics import Metrics
from tinydigits.serve.read import read
from tinydigits.serve.routes import Access, Route, Table
from tinydigits.serve.service import Service
from tinydigits.serve.settings import Settings


@dataclass(frozen=True)
class Application:
    """What a server runs.

    Attributes:
        gate: the ASGI application.
        service: the model behind it.
    """

    settings: Settings
    health: Health
    log: Log
    service: Service
    gate: Gate


def application(settings: Settings, log: Log) -> Application:
    """Returns an application whose model is not loaded yet."""
    health = Health()
    metrics = Metrics(health)
    service = Service(settings, health, metrics, log)
    table = Table(routes(service, health, metrics))
    return Application(settings, health, log, service, Gate(table, settings, health, metrics, log))


def routes(service: Service, health: Health, metrics: Metrics) -> tuple[Route, ...]:
    """Returns all that can be asked for."""
    picture_bytes = service.settings.limits.body_bytes
    return (
        Route("GET", "/healthz", at_once(states.health_answer), Access.OPEN),
        Route("GET", "/readyz", at_once(lambda: states.ready_answer(health)), Access.OPEN),
        Route("GET", "/metrics", at_once(lambda: states.metrics_answer(metrics))),
        Route("GET", "/v1/models", at_once(lambda: states.models_answer(service))),
        Route("POST", "/v1/read", lambda request: read(service, request), most_bytes=picture_bytes),
        Route(
            "POST", "/v1/classify", lambda request: classify.classify(service, request), most_bytes=classify.MOST_BYTES
        ),
    )


def at_once(answer: Callable[[], Response]) -> Callable[[Request], Awaitable[Response]]:
    """Returns an answer to requests that say nothing but their path."""

    async def answered(request: Request) -> Response:
        return answer()

    return answered
