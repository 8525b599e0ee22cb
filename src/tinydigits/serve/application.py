"""The whole application: its parts, and its table of routes."""

from dataclasses import dataclass
from functools import partial

from starlette.responses import JSONResponse

from tinydigits.serve import classify, openapi, operations, pages, states
from tinydigits.serve.gate import Gate
from tinydigits.serve.health import Health
from tinydigits.serve.inference_routes import inference_routes
from tinydigits.serve.log import Log
from tinydigits.serve.metrics import Metrics
from tinydigits.serve.mnist import mnist_file
from tinydigits.serve.read import read
from tinydigits.serve.reference import reference
from tinydigits.serve.routes import Access, Route, Table, at_once
from tinydigits.serve.runs import Runs
from tinydigits.serve.service import Service
from tinydigits.serve.settings import Settings
from tinydigits.serve.studio.export_routes import export_routes
from tinydigits.serve.studio.exports import Exports
from tinydigits.serve.studio.run_routes import run_routes
from tinydigits.serve.studio.training_routes import training_routes
from tinydigits.serve.studio.trainings import Trainings


@dataclass(frozen=True)
class Application:
    """What a server runs.

    Attributes:
        gate: the ASGI application.
        service: the model behind it.
        trainings, exports: what its owner has it train, and write for other places.
    """

    settings: Settings
    health: Health
    log: Log
    service: Service
    trainings: Trainings
    exports: Exports
    gate: Gate


def application(settings: Settings, log: Log) -> Application:
    """Returns an application whose model is not loaded yet."""
    health = Health()
    metrics = Metrics(health)
    service = Service(settings, health, metrics, log)
    trainings = Trainings(settings.runs, log)
    runs, exports = Runs(settings.runs), Exports()
    owned = (*run_routes(runs), *export_routes(exports, runs), *training_routes(trainings))
    table = Table(routes(service, owned, health, metrics))
    return Application(settings, health, log, service, trainings, exports, Gate(table, settings, health, metrics, log))


def routes(service: Service, owned: tuple[Route, ...], health: Health, metrics: Metrics) -> tuple[Route, ...]:
    """Returns all that can be asked for: the API, with what is the owner's, and pages for people."""
    api = (*api_routes(service, health, metrics), *owned)
    described = openapi.document(api, service.settings)
    reference_page = pages.still(reference(described))
    return (
        *api,
        Route("GET", "/", at_once(lambda: states.page_answer(service))),
        Route("GET", "/docs", at_once(reference_page.response)),
        Route("GET", "/openapi.json", at_once(lambda: JSONResponse(described))),
    )


def api_routes(service: Service, health: Health, metrics: Metrics) -> tuple[Route, ...]:
    """Returns what programs ask for; all of it is in the OpenAPI document."""
    return (
        Route("GET", "/healthz", at_once(states.health_answer), Access.OPEN, operation=operations.HEALTH),
        Route("GET", "/readyz", at_once(lambda: states.ready_answer(health)), Access.OPEN, operation=operations.READY),
        Route("GET", "/metrics", at_once(lambda: states.metrics_answer(metrics)), operation=operations.METRICS),
        Route("GET", "/v1/models", at_once(lambda: states.models_answer(service)), operation=operations.MODELS),
        Route(
            "POST",
            "/v1/read",
            partial(read, service),
            most_bytes=service.settings.limits.body_bytes,
            operation=operations.READ,
        ),
        Route(
            "POST",
            "/v1/classify",
            partial(classify.classify, service),
            most_bytes=classify.MOST_BYTES,
            operation=operations.CLASSIFY,
        ),
        Route("GET", "/v1/mnist/{name}", mnist_file, operation=operations.MNIST_FILE),
        *inference_routes(service, health),
    )
