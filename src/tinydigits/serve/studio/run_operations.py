"""The OpenAPI operations of runs."""

from collections.abc import Mapping
from typing import Any

from tinydigits.serve.operations import SHARE, STRING, Schema, answer, array, query, record
from tinydigits.serve.runs import SPLITS

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
