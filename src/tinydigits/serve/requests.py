"""What handlers ask of a request: its client, its body as JSON, the kind of its body."""

from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import Request

from tinydigits.serve.protocol import CALLER
from tinydigits.serve.refusal import RefusalError


def gone(request: Request) -> Callable[[], bool]:
    """Returns what tells whether the request's client has gone."""
    still: Callable[[], bool] = request.scope[CALLER].gone
    return still


def media_type(request: Request) -> str:
    """Returns the kind of the body, without parameters; empty if the client does not say."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def json_body(request: Request) -> Any:
    """Returns the JSON values of a request's body; raises RefusalError, 400 or 415, if it has none."""
    kind = media_type(request)
    if kind != "application/json":
        found = f"`{kind[:100]}`" if kind else "none"
        raise RefusalError(415, "Content-Type", found=found, expected="application/json")
    return json_from(await request.body())


def json_from(data: bytes) -> Any:
    """Returns JSON values; raises RefusalError, 400, if the bytes are no JSON."""
    try:
        return orjson.loads(data)  # a quarter of the time that Python's own takes for an image
    except orjson.JSONDecodeError as error:
        raise RefusalError(400, "body", found=f"no JSON ({error})", expected="a JSON document") from error
