"""The OpenAPI document of the API, made of the table of routes."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tinydigits import __version__
from tinydigits.serve.routes import Access, Route
from tinydigits.serve.settings import Settings

# What any route may answer, beside its own answers.
REFUSALS = {
    "400": "The request or its body is not what the route takes.",
    "403": "A page of another site asks.",
    "408": "The request arrives too slowly.",
    "413": "The body is too large.",
    "414": "The address is too long.",
    "421": "The name in Host may be another site's.",
    "429": "Too many requests do not wait for the answer to the first.",
    "431": "Headers are too many or too long.",
    "503": "Too much to do, or not ready; Retry-After says when to come back.",
}
NO_TOKEN = {"401": "The token is missing or wrong."}
NOT_FOUND = {"404": "There is no such thing."}
# A server that asks for a token takes it in either way.
SCHEMES = {"token": {"type": "http", "scheme": "bearer"}, "password": {"type": "http", "scheme": "basic"}}
IN_BRACES = re.compile(r"\{(\w+)\}")


def document(routes: Iterable[Route], settings: Settings) -> dict[str, Any]:
    """Returns the OpenAPI 3.1 document of those routes that have an operation."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if route.operation is not None:
            paths.setdefault(route.path, {})[route.method.lower()] = operation(route, route.operation, settings)
    return {
        "openapi": "3.1.0",
        "info": {"title": "tinydigits", "version": __version__, "description": "Reads handwritten digits."},
        "paths": paths,
        "components": {
            "schemas": {
                "Error": {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
            },
            **({} if settings.token is None else {"securitySchemes": SCHEMES}),
        },
    }


def operation(route: Route, described: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Returns a route's operation with what follows from the route: refusals, parts of its path, the token."""
    asks = settings.token is not None and route.access is not Access.OPEN
    names = IN_BRACES.findall(route.path)
    refusals = {**REFUSALS, **(NO_TOKEN if asks else {}), **(NOT_FOUND if names else {}), **described["responses"]}
    parts = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    parameters = [*parts, *described.get("parameters", ())]
    return {
        **described,
        **({"parameters": parameters} if parameters else {}),
        "responses": {status: response(value) for status, value in sorted(refusals.items())},
        **({"security": [{name: []} for name in SCHEMES]} if asks else {}),
    }


def response(value: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns an OpenAPI response; words stand for an error that they describe."""
    if not isinstance(value, str):
        return value
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": value, "content": {"application/json": {"schema": schema}}}
