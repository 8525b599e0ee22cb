"""`/v1/trainings` and `/v1/recipes`: what can be trained, and the trainings of this server."""

import asyncio
from dataclasses import asdict
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from tinydigits.formats import model_file
from tinydigits.recipes.recipe import RECIPES
from tinydigits.serve.requests import json_body
from tinydigits.serve.routes import Access, Route
from tinydigits.serve.studio import operations
from tinydigits.serve.studio.events import last_event
from tinydigits.serve.studio.order import order_from, order_of
from tinydigits.serve.studio.training import Training
from tinydigits.serve.studio.trainings import Trainings

STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


def training_routes(trainings: Trainings) -> tuple[Route, ...]:
    """Returns the routes of trainings; all are the owner's."""

    async def listed(request: Request) -> Response:
        return JSONResponse({"trainings": [each.as_json() for each in reversed(trainings.known.values())]})

    async def start(request: Request) -> Response:
        training = await trainings.start(order_from(await json_body(request)))
        return JSONResponse(training.as_json(), 201, {"location": f"/v1/trainings/{training.id}"})

    async def shown(request: Request) -> Response:
        return JSONResponse(named(request).as_json())

    async def stop(request: Request) -> Response:
        trainings.stop(named(request))
        return JSONResponse(named(request).as_json())

    async def resume(request: Request) -> Response:
        await trainings.resume(named(request))
        return JSONResponse(named(request).as_json())

    async def discard(request: Request) -> Response:
        training = named(request)
        await trainings.discard(training)
        return JSONResponse(training.as_json())

    async def events(request: Request) -> Response:
        training, after = named(request), last_event(request)
        trainings.check_room()
        if request.method == "HEAD":
            return Response(headers=STREAM_HEADERS, media_type="text/event-stream")
        return StreamingResponse(trainings.stream(training, after), 200, STREAM_HEADERS, "text/event-stream")

    def named(request: Request) -> Training:
        return trainings.find(request.path_params["training"])

    one = "/v1/trainings/{training}"
    return (
        Route("GET", "/v1/recipes", recipes, Access.OWNER, operation=operations.RECIPES_LISTED),
        Route("GET", "/v1/trainings", listed, Access.OWNER, operation=operations.TRAININGS),
        Route("POST", "/v1/trainings", start, Access.OWNER, operation=operations.TRAIN),
        Route("GET", one, shown, Access.OWNER, operation=operations.TRAINING_STATE),
        Route("DELETE", one, discard, Access.OWNER, operation=operations.DISCARD),
        Route("GET", f"{one}/events", events, Access.OWNER, operation=operations.EVENTS),
        Route("POST", f"{one}/stop", stop, Access.OWNER, operation=operations.STOP),
        Route("POST", f"{one}/resume", resume, Access.OWNER, operation=operations.RESUME),
    )


async def recipes(request: Request) -> Response:
    """Answer with what can be trained, and the settings that each recipe has."""
    return JSONResponse({"recipes": [await asyncio.to_thread(described, name) for name in RECIPES]})


def described(name: str) -> dict[str, Any]:
    """Returns a recipe as JSON values; its size is null where no net of it is shipped."""
    return {**asdict(order_of(RECIPES[name])), "parameters": parameters_of(name)}


@cache
def parameters_of(name: str) -> int | None:
    return model_file.load_network(name)[0].parameters if name in model_file.SHIPPED else None
