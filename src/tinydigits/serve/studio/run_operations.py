"""The OpenAPI operations of runs."""

from collections.abc import Mapping
from typing import Any

from tinydigits.serve.operations import BINARY, SHARE, STRING, TRUTH, Schema, answer, array, query, record
from tinydigits.serve.runs import SPLITS
from tinydigits.serve.studio.exports import FORMS

SCORE: Schema = {"anyOf": [SHARE, {"type": "null"}]}
RUN = record(
    folder=STRING,
    model=STRING,
    seed={"type": "integer"},
    engine=STRING,
    parameters={"type": "integer"},
    epochs={"type": "integer"},
    seconds={"type": "number"},
    accuracy=record(**dict.fromkeys(SPLITS, SCORE)),
)
LOOK = record(
    run=RUN,
    history={"type": ["object", "null"], "additionalProperties": array({"type": "number"})},
    network={"type": ["object", "null"], "description": "The net, as the page computes it."},
    reason={"type": ["string", "null"], "description": "Why there is no net."},
    answers={
        "type": ["string", "null"],
        "description": "The digit read in each of MNIST's test images, a byte each, as base64; null of other images.",
    },
)
NAMED: Schema = {
    **query("run", STRING, "The folder of the run, as /v1/runs has it."),
    "required": True,
}

RUNS: Mapping[str, Any] = {
    "operationId": "runs",
    "summary": "List the finished runs in the server's folder, the newest first",
    "responses": {"200": answer(record(runs=array(RUN)))},
}
LOOK_AT: Mapping[str, Any] = {
    "operationId": "look",
    "summary": "Show one run: its net, its curves, and what it answered",
    "parameters": [NAMED],
    "responses": {"200": answer(LOOK), "404": "There is no such run."},
}

FORM = record(to={"enum": list(dict.fromkeys(form.to for form in FORMS))}, int8=TRUTH)
COUNT: Schema = {"type": "integer", "minimum": 0}
EXPORTED = record(
    {"flash": COUNT, "ram": COUNT, "changed_answers": COUNT},
    id=STRING,
    file=STRING,
    to=STRING,
    bytes=COUNT,
    checked_images=COUNT,
    disagreements=COUNT,
    max_abs_difference={"type": "number"},
    accuracy=SCORE,
    notes=array(STRING),
)
ORDER: Schema = {**record({"int8": TRUTH}, run=STRING, to=FORM["properties"]["to"]), "additionalProperties": False}

FORMS_LISTED: Mapping[str, Any] = {
    "operationId": "forms",
    "summary": "List the forms that nets can be written in here",
    "responses": {"200": answer(record(forms=array(FORM)))},
}
EXPORT: Mapping[str, Any] = {
    "operationId": "export",
    "summary": "Write the net of a run in another form, and prove it on MNIST's test images",
    "description": "As `tinydigits export --json` does, one at a time; it takes seconds. The last few are kept.",
    "requestBody": {"required": True, "content": {"application/json": {"schema": ORDER}}},
    "responses": {
        "200": answer(EXPORTED),
        "404": "There is no such run.",
        "409": "Another export is under way.",
        "415": "A body of another kind.",
        "422": "This net cannot be written so.",
    },
}
DOWNLOAD: Mapping[str, Any] = {
    "operationId": "download",
    "summary": "Give what an export wrote: a file, or a folder as a ZIP",
    "responses": {"200": answer(BINARY, kind="application/octet-stream")},
}
