"""What handlers ask of a request: its client, its body as JSON, the kind of its body."""

import json
from collections.abc import Callable
from typing import Any

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


def json_from(data: bytes) -> Any:
    """Returns JSON values; raises RefusalError, 400, if the bytes are no JSON."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        found = "JSON that is nested too deeply" if isinstance(error, RecursionError) else f"no JSON ({error})"
        raise RefusalError(400, "body", found=found, expected="a JSON document") from error
