"""The routes of `/v2`."""

from functools import partial

from tinydigits.serve import inference
from tinydigits.serve import inference_operations as described
from tinydigits.serve.classify import MOST_BYTES
from tinydigits.serve.health import Health
from tinydigits.serve.routes import Access, Route, at_once
from tinydigits.serve.service import Service

# A model may be named with or without its version.
MODELS = {"": "/v2/models/{model}", "version": "/v2/models/{model}/versions/{version}"}


def inference_routes(service: Service, health: Health) -> tuple[Route, ...]:
    """Returns the routes of the protocol; `/v2/` is `/v2`, as its published document writes it."""
    ready = at_once(lambda: inference.ready(health))
    health_routes = (
        Route("GET", "/v2/health/live", at_once(inference.live), Access.OPEN, operation=described.LIVE),
        Route("GET", "/v2/health/ready", ready, Access.OPEN, operation=described.READY),
    )
    server_routes = tuple(
        Route("GET", path, at_once(inference.server_metadata), operation=described.with_name(described.SERVER, name))
        for path, name in (("/v2", "bare"), ("/v2/", "slash"))
    )
    return (*health_routes, *server_routes, *(route for name in MODELS for route in model_routes(service, name)))


def model_routes(service: Service, name: str) -> tuple[Route, ...]:
    """Returns the routes of a model, in one of the two forms of its path."""
    path = MODELS[name]
    metadata, ready, infer = (
        described.with_name(operation, name) if name else operation
        for operation in (described.MODEL, described.MODEL_READY, described.INFER)
    )
    return (
        Route("GET", path, partial(inference.model_metadata, service), operation=metadata),
        Route("GET", f"{path}/ready", partial(inference.model_ready, service), operation=ready),
        Route("POST", f"{path}/infer", partial(inference.infer, service), most_bytes=MOST_BYTES, operation=infer),
    )
