"""The OpenAPI operations of `/v1` and of the server's state: what a request holds, and what its answer holds."""

from collections.abc import Mapping
from typing import Any

from tinydigits.data.dataset import CLASSES
from tinydigits.reader.normalise import SIDE
from tinydigits.serve.mnist import FILES
from tinydigits.serve.pixels import MOST_IMAGES, PIXELS
from tinydigits.serve.read import FIELD

Schema = dict[str, Any]

STRING: Schema = {"type": "string"}
TRUTH: Schema = {"type": "boolean"}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
BINARY: Schema = {"type": "string", "format": "binary"}


def array(items: Schema, size: int | None = None) -> Schema:
    """Returns the schema of a list; of exactly `size` items where that is given."""
    bounds = {} if size is None else {"minItems": size, "maxItems": size}
    return {"type": "array", "items": items, **bounds}


def record(optional: Mapping[str, Schema] | None = None, **members: Schema) -> Schema:
    """Returns the schema of an object with these members, and perhaps the optional ones."""
    return {"type": "object", "properties": {**members, **(optional or {})}, "required": list(members)}


def answer(schema: Schema, description: str = "The answer.", kind: str = "application/json") -> Schema:
    """Returns an OpenAPI response."""
    return {"description": description, "content": {kind: {"schema": schema}}}


def query(name: str, schema: Schema, description: str) -> Schema:
    """Returns an optional OpenAPI parameter of the address."""
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


IMAGE = array(array({"type": "integer", "minimum": 0, "maximum": 255}, SIDE), SIDE)
IMAGES: Schema = {"oneOf": [IMAGE, {**array(IMAGE), "minItems": 1, "maxItems": MOST_IMAGES}]}
DIGIT: Schema = {"type": "integer", "minimum": 0, "maximum": CLASSES - 1}
BOX = {**array({"type": "integer"}, 4), "description": "Left, top, width and height in pixels of the picture."}
READING = record(
    {"runner_up": STRING},
    file=STRING,
    text=STRING,
    digits=array(record(digit=DIGIT, confidence=SHARE, box=BOX)),
    rejected=array(record({"sign": STRING}, box=BOX, score={"type": "number"}, reason=STRING)),
    doubtful=TRUTH,
)
CLASSIFIED = record(
    model=STRING,
    answers=array(record(digit=DIGIT, confidence=SHARE, probabilities=array(SHARE, CLASSES), no_digit=SHARE)),
)
MODEL = record(name=STRING, parameters={"type": "integer"}, input=array({"type": "integer"}, 2), answers=DIGIT)
MODEL["properties"]["answers"] = {"type": "integer", "description": "How many answers it tells apart for an image."}

READ: Mapping[str, Any] = {
    "operationId": "read",
    "summary": "Read the digits in a picture",
    "description": f"The picture is the body, or the part `{FIELD}` of a form: PNG, JPEG, BMP, GIF, TIFF or WebP.",
    "parameters": [
        query("single", TRUTH, "The picture shows one digit."),
        query("signs", TRUTH, "Read the signs of numbers, such as minus and point, too."),
        query("min_confidence", SHARE, "Leave out digits that are less certain."),
    ],
    "requestBody": {
        "required": True,
        "content": {
            "image/*": {"schema": BINARY},
            "application/octet-stream": {"schema": BINARY},
            "multipart/form-data": {"schema": record(**{FIELD: BINARY})},
        },
    },
    "responses": {"200": answer(READING), "422": "This picture cannot be read."},
}
CLASSIFY: Mapping[str, Any] = {
    "operationId": "classify",
    "summary": f"Say which digit each image of {SIDE}×{SIDE} pixels shows",
    "description": f"Bytes: {PIXELS} for each image, rows from the top. Ink is bright, as in MNIST.",
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": record(images=IMAGES)},
            "application/octet-stream": {"schema": BINARY},
        },
    },
    "responses": {"200": answer(CLASSIFIED), "415": "A body of another kind."},
}
MODELS: Mapping[str, Any] = {
    "operationId": "models",
    "summary": "Name the net that is served",
    "responses": {"200": answer(record(models=array(MODEL)))},
}
HEALTH: Mapping[str, Any] = {
    "operationId": "health",
    "summary": "Say that the server lives",
    "responses": {"200": answer(record(status={"const": "ok"}))},
}
READY: Mapping[str, Any] = {
    "operationId": "ready",
    "summary": "Say whether the server takes requests",
    "responses": {
        "200": answer(record(ready={"const": True})),
        "503": answer(record(ready={"const": False}, reason=STRING), "The net is being loaded, or the server ends."),
    },
}
METRICS: Mapping[str, Any] = {
    "operationId": "metrics",
    "summary": "Count requests, batches and seconds, in Prometheus' form",
    "responses": {"200": answer(STRING, kind="text/plain")},
}
MNIST_FILE: Mapping[str, Any] = {
    "operationId": "mnist",
    "summary": "Give a file of MNIST, in its own form (IDX)",
    "description": f"`name` is one of {', '.join(FILES)}.",
    "responses": {"200": answer(BINARY, kind="application/octet-stream")},
}
