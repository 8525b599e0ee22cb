"""The OpenAPI operations of `/v2`."""

from collections.abc import Mapping
from typing import Any

from tinydigits.reader.normalise import SIDE
from tinydigits.serve.operations import BINARY, STRING, TRUTH, Schema, answer, array, record
from tinydigits.serve.tensors import INPUT, INPUT_TYPES, OUTPUTS

WHOLE: Schema = {"type": "integer"}
ANY: Schema = {"type": "object"}
TENSOR = record(name=STRING, datatype=STRING, shape=array(WHOLE))
NUMBERS: Schema = {"type": "array", "description": "Flat, or in rows."}
SHAPE: Schema = {
    **array(WHOLE, 3),
    "prefixItems": [{"type": "integer", "minimum": 1}, {"const": SIDE}, {"const": SIDE}],
}
REQUESTED = record(
    {"id": STRING, "parameters": ANY, "outputs": array(record({"parameters": ANY}, name={"enum": [*OUTPUTS]}))},
    inputs=array(
        record(
            {"data": NUMBERS, "parameters": ANY},
            name={"const": INPUT},
            datatype={"enum": [*INPUT_TYPES]},
            shape=SHAPE,
        ),
        1,
    ),
)
OUTPUT = record(
    {"data": array({"type": "number"}), "parameters": ANY}, name=STRING, datatype=STRING, shape=array(WHOLE)
)
ANSWERED = record({"id": STRING}, model_name=STRING, model_version=STRING, outputs=array(OUTPUT))

LIVE: Mapping[str, Any] = {
    "operationId": "live_v2",
    "summary": "Say that the server lives",
    "responses": {"200": answer(record(live=TRUTH))},
}
READY: Mapping[str, Any] = {
    "operationId": "ready_v2",
    "summary": "Say whether the server takes inferences",
    "responses": {
        "200": answer(record(live=TRUTH, ready=TRUTH)),
        "503": answer(record({"ready": TRUTH, "error": STRING}), "The net is being loaded, or the server ends."),
    },
}
SERVER: Mapping[str, Any] = {
    "operationId": "server_metadata",
    "summary": "Name the server and the extensions of the protocol that it knows",
    "responses": {"200": answer(record(name=STRING, version=STRING, extensions=array(STRING)))},
}
MODEL: Mapping[str, Any] = {
    "operationId": "model_metadata",
    "summary": "Name the input and the outputs of the net",
    "responses": {
        "200": answer(
            record(name=STRING, versions=array(STRING), platform=STRING, inputs=array(TENSOR), outputs=array(TENSOR))
        )
    },
}
MODEL_READY: Mapping[str, Any] = {
    "operationId": "model_ready",
    "summary": "Say whether the net takes inferences",
    "responses": {"200": answer(record(name=STRING, ready=TRUTH))},
}
INFER: Mapping[str, Any] = {
    "operationId": "infer",
    "summary": "Say which digit each image shows",
    "description": "UINT8 is 0 to 255, FP32 is 0 to 1; ink is bright. With the header Inference-Header-Content-Length, "
    "bytes of the tensor follow the JSON.",
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": REQUESTED}, "application/octet-stream": {"schema": BINARY}},
    },
    "responses": {"200": answer(ANSWERED)},
}


def with_name(operation: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Returns an operation of another path: its name must be its own."""
    return {**operation, "operationId": f"{operation['operationId']}_{name}"}
