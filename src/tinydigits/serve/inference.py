"""`/v2`: the Open Inference Protocol, version 2, over HTTP; see `tensors` for its sources."""

from typing import Any

import numpy as np
import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tinydigits import __version__
from tinydigits.arrays import Float64Array
from tinydigits.data.dataset import CLASSES
from tinydigits.reader.normalise import SIDE
from tinydigits.serve.health import Health
from tinydigits.serve.refusal import RETRY_SECONDS, RefusalError
from tinydigits.serve.requests import gone
from tinydigits.serve.service import Model, Service
from tinydigits.serve.tensors import INPUT, OUTPUTS, inference_of

# The one version that a model has here.
VERSION = "1"
# The length of the JSON that bytes of tensors follow, in requests and answers.
JSON_BYTES = "inference-header-content-length"
# How NumPy names the types of outputs.
DTYPES = {"FP32": "<f4", "INT64": "<i8"}


def live() -> Response:
    return JSONResponse({"live": True})


def ready(health: Health) -> Response:
    """Answers whether inferences are taken: 200 or 503."""
    state = {"live": True, "ready": health.ready}
    return JSONResponse(state) if health.ready else JSONResponse(state, 503, {"retry-after": str(RETRY_SECONDS)})


def server_metadata() -> Response:
    return JSONResponse({"name": "tinydigits", "version": __version__, "extensions": ["binary_tensor_data"]})


async def model_metadata(service: Service, request: Request) -> Response:
    """Answers with names, types and shapes of input and outputs; -1 stands for the number of images."""
    model = named_model(service, request)
    sizes: dict[str, list[int]] = {"probabilities": [CLASSES], "no_digit": [], "label": []}
    return JSONResponse(
        {
            "name": model.name,
            "versions": [VERSION],
            "platform": "tinydigits_onnxruntime",
            "inputs": [{"name": INPUT, "datatype": "UINT8", "shape": [-1, SIDE, SIDE]}],
            "outputs": [
                {"name": name, "datatype": kind, "shape": [-1, *sizes[name]]} for name, kind in OUTPUTS.items()
            ],
        }
    )


async def model_ready(service: Service, request: Request) -> Response:
    return JSONResponse({"name": named_model(service, request).name, "ready": True})


async def infer(service: Service, request: Request) -> Response:
    """Answer with the outputs that are wanted."""
    model = named_model(service, request)
    asked = inference_of(await request.body(), request.headers.get(JSON_BYTES))
    values = outputs(await service.classify(asked.images, gone(request)))
    tails: list[bytes] = []
    tensors = [output(name, values[name], as_bytes, tails) for name, as_bytes in asked.outputs.items()]
    named = {} if asked.id is None else {"id": asked.id}
    head = orjson.dumps({"model_name": model.name, "model_version": VERSION, **named, "outputs": tensors})
    if not tails:
        return Response(head, media_type="application/json")
    return Response(
        b"".join((head, *tails)), headers={JSON_BYTES: str(len(head))}, media_type="application/octet-stream"
    )


def outputs(probabilities: Float64Array) -> dict[str, np.ndarray[Any, Any]]:
    """Returns the outputs for probabilities [n, 11]: of the ten digits, and of no digit."""
    return {
        "probabilities": probabilities[:, :CLASSES],
        "no_digit": probabilities[:, CLASSES],
        "label": probabilities[:, :CLASSES].argmax(axis=1),
    }


def output(name: str, values: np.ndarray[Any, Any], as_bytes: bool, tails: list[bytes]) -> dict[str, Any]:
    """Returns an output as JSON values; its data are there, or go to `tails`."""
    kind = OUTPUTS[name]
    head = {"name": name, "datatype": kind, "shape": list(values.shape)}
    typed = np.ascontiguousarray(values, DTYPES[kind])
    if not as_bytes:
        return {**head, "data": typed.ravel().tolist()}
    tails.append(typed.tobytes())
    return {**head, "parameters": {"binary_data_size": typed.nbytes}}


def named_model(service: Service, request: Request) -> Model:
    """Returns the model of the address; raises RefusalError, 404, if there is no such model or version."""
    model = service.ready_model()
    name, version = request.path_params["model"], request.path_params.get("version", VERSION)
    if (name, version) != (model.name, VERSION):
        raise RefusalError(
            404, "model", found=f"`{name[:100]}`, version `{version[:100]}`", expected=f"`{model.name}`, version `1`"
        )
    return model
