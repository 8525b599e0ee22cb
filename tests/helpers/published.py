"""What the Open Inference Protocol publishes of its REST form: paths, and the members of each body.

From github.com/kserve/open-inference-protocol, specification/protocol/open_inference_rest.yaml (commit 18d5991,
version 2.0). Its paths hold `${MODEL_NAME}`, where OpenAPI means `{MODEL_NAME}`.
"""

from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
SIZES: Schema = {"type": "array", "items": {"type": "integer"}}
MODEL = "/v2/models/{MODEL_NAME}/versions/{MODEL_VERSION}"


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def listed(name: str) -> Schema:
    return {"type": "array", "items": ref(name)}


def members(required: str, **schemas: Schema) -> Schema:
    return {"type": "object", "properties": schemas, "required": required.split()}


SCHEMAS: dict[str, Schema] = {
    "server": members("name version extensions", name=TEXT, version=TEXT, extensions={"type": "array", "items": TEXT}),
    "model": members(
        "name platform",
        name=TEXT,
        versions={"type": "array", "items": TEXT},
        platform=TEXT,
        inputs=listed("tensor"),
        outputs=listed("tensor"),
    ),
    "tensor": members("name datatype shape", name=TEXT, datatype=TEXT, shape=SIZES),
    "parameters": {"type": "object"},
    "data": {"type": "array", "items": {"anyOf": [ref("data"), {"type": "number"}, TEXT, {"type": "boolean"}]}},
    "value": members(
        "name shape datatype data",
        name=TEXT,
        shape=SIZES,
        datatype=TEXT,
        parameters=ref("parameters"),
        data=ref("data"),
    ),
    "wanted": members("name", name=TEXT, parameters=ref("parameters")),
    "request": members(
        "inputs", id=TEXT, parameters=ref("parameters"), inputs=listed("value"), outputs=listed("wanted")
    ),
    "answer": members(
        "model_name outputs",
        model_name=TEXT,
        model_version=TEXT,
        id=TEXT,
        parameters=ref("parameters"),
        outputs=listed("value"),
    ),
    "error": members("error", error=TEXT),
}


def content(name: str) -> Schema:
    return {"content": {"application/json": {"schema": ref(name)}}}


def operation(answer: str | None = None, error: str | None = None, request: str | None = None) -> Schema:
    responses: Schema = {"200": {"description": "OK", **(content(answer) if answer else {})}}
    if error:
        responses["400"] = {"description": "Bad Request", **content(error)}
    return {"responses": responses, **({"requestBody": content(request)} if request else {})}


def document() -> Schema:
    """Returns an OpenAPI document that says what the published one says."""
    names = [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in ("MODEL_NAME", "MODEL_VERSION")]
    return {
        "openapi": "3.0.0",
        "info": {"title": "Open Inference Protocol", "version": "2.0"},
        "paths": {
            "/v2/health/live": {"get": operation()},
            "/v2/health/ready": {"get": operation()},
            "/v2/": {"get": operation("server", "error")},
            f"{MODEL}/ready": {"parameters": names, "get": operation()},
            MODEL: {"parameters": names, "get": operation("model")},
            f"{MODEL}/infer": {"parameters": names, "post": operation("answer", "error", "request")},
        },
        "components": {"schemas": SCHEMAS},
    }
