import json
from pathlib import Path

import jsonschema
import pytest

from tinydigits.serve.application import application
from tinydigits.serve.log import Log
from tinydigits.serve.openapi import document
from tinydigits.serve.routes import Access, Route
from tinydigits.serve.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "page.jpg"
# What people look at, and the document itself.
PAGES = {"/", "/docs", "/openapi.json"}


@pytest.fixture(scope="module")
def described(served):
    return served.ask("GET", "/openapi.json").json


def test_the_document_names_each_route_of_the_api_and_no_other(described):
    routes = application(Settings(), Log(None)).gate.table.routes
    in_document = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert in_document == {(route.method, route.path) for route in routes if route.path not in PAGES}
    assert {route.path for route in routes if route.operation is None} == PAGES


def test_each_operation_has_a_name_of_its_own_and_says_what_it_does(described):
    operations = [operation for methods in described["paths"].values() for operation in methods.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"] for operation in operations)


IMAGE = [[0] * 28] * 28


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/healthz", None),
        ("GET", "/readyz", None),
        ("GET", "/metrics", None),
        ("GET", "/v1/models", None),
        ("POST", "/v1/classify", json.dumps({"images": IMAGE})),
        ("POST", "/v1/classify", json.dumps({"images": [IMAGE, IMAGE]})),
        ("POST", "/v1/classify", "{}"),
        ("POST", "/v1/read", PAGE.read_bytes()),
        ("POST", "/v1/read", b"no picture"),
    ],
)
def test_answers_are_as_the_document_says(served, described, method, path, body):
    answer = served.ask(method, path, body, content_type="application/json")
    response = described["paths"][path][method.lower()]["responses"][str(answer.status)]
    kind, content = next(iter(response["content"].items()))
    assert answer.headers["content-type"].partition(";")[0] == kind
    value = answer.json if kind == "application/json" else answer.body.decode()
    jsonschema.validate(value, {**content["schema"], "components": described["components"]})


def test_bodies_that_are_taken_are_as_the_document_says(described):
    schema = described["paths"]["/v1/classify"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    for images in (IMAGE, [IMAGE], [IMAGE] * 1_024):
        jsonschema.validate({"images": images}, schema)
    for images in ([], IMAGE[1:], [[256] * 28] * 28, [IMAGE] * 1_025):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"images": images}, schema)


async def nothing(request):
    raise AssertionError


def test_refusals_the_token_and_parts_of_the_path_follow_from_the_route():
    described = {"operationId": "x", "summary": "X", "responses": {"200": {"description": "Y."}}}
    route = Route("GET", "/models/{model}", nothing, operation=described)
    free = document([route], Settings())["paths"]["/models/{model}"]["get"]
    assert {"200", "400", "404", "503"} <= set(free["responses"])
    assert [each["name"] for each in free["parameters"]] == ["model"]
    assert "401" not in free["responses"]
    assert "security" not in free
    guarded = document([route], Settings(token="secret"))["paths"]["/models/{model}"]["get"]
    assert guarded["security"] == [{"token": []}, {"password": []}]
    assert "401" in guarded["responses"]
    opened = Route("GET", "/healthz", nothing, Access.OPEN, operation=described)
    assert "security" not in document([opened], Settings(token="secret"))["paths"]["/healthz"]["get"]
