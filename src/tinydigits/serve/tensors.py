"""The request of an inference, by the Open Inference Protocol: JSON, and tensors as JSON or as bytes behind it.

The protocol: github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md. Tensors as bytes are
its binary tensor data extension: github.com/triton-inference-server/server, docs/protocol/extension_binary_data.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from math import prod
from typing import Any

import numpy as np

from tinydigits.arrays import UInt8Images
from tinydigits.reader.normalise import SIDE
from tinydigits.serve.pixels import MOST_IMAGES, check_count
from tinydigits.serve.refusal import RefusalError
from tinydigits.serve.requests import json_from

# The one input, and how NumPy names the types that it may have. UINT8 is 0 to 255, FP32 is 0 to 1.
INPUT = "image"
INPUT_TYPES = {"UINT8": "<u1", "FP32": "<f4"}
# The outputs and their types.
OUTPUTS = {"probabilities": "FP32", "no_digit": "FP32", "label": "INT64"}


@dataclass(frozen=True)
class Inference:
    """What a client asks.

    Attributes:
        id: the client's own name for its request; None if it has none.
        images: uint8 [n, 28, 28].
        outputs: names of the outputs that are wanted, each with whether as bytes.
    """

    id: str | None
    images: UInt8Images
    outputs: Mapping[str, bool]


def inference_of(body: bytes, json_bytes: str | None) -> Inference:
    """Returns what a body asks.

    Args:
        json_bytes: Inference-Header-Content-Length, the length of the JSON that bytes of tensors follow; None where all
            is JSON.

    Raises:
        RefusalError: 400, it is no such request; 413, it has too many images.
    """
    length = len(body) if json_bytes is None else length_of(json_bytes, len(body))
    asked = json_from(body[:length])
    if not isinstance(asked, dict) or not isinstance(asked.get("id", ""), str):
        raise RefusalError(400, "body", found="something else", expected="an object, whose id is a string")
    return Inference(asked.get("id"), images_of(asked.get("inputs"), body[length:]), outputs_of(asked))


def length_of(text: str, most: int) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) > most:
        raise RefusalError(
            400,
            "Inference-Header-Content-Length",
            found=f"`{text[:100]}`",
            expected=f"the length of the JSON, of {most:,} bytes in all",
        )
    return int(text)


def images_of(inputs: Any, data: bytes) -> UInt8Images:
    """Returns the images of the one input, uint8 [n, 28, 28]."""
    tensor = inputs[0] if isinstance(inputs, list) and len(inputs) == 1 else None
    if not isinstance(tensor, dict) or tensor.get("name") != INPUT:
        raise RefusalError(400, "inputs", found="something else", expected=f"one input, whose name is {INPUT}")
    shape, kind = shape_of(tensor.get("shape")), tensor.get("datatype")
    if not isinstance(kind, str) or kind not in INPUT_TYPES:
        raise RefusalError(400, "datatype", found=f"`{str(kind)[:100]}`", expected=" or ".join(INPUT_TYPES))
    check_count(shape[0])
    size = parameters_of(tensor).get("binary_data_size")
    values = from_json(tensor.get("data"), shape, kind) if size is None else from_bytes(data, size, shape, kind)
    if size is None and data:
        raise RefusalError(
            400, "body", found=f"{len(data):,} bytes after the JSON", expected="binary_data_size to say so"
        )
    return as_pixels(values, kind).reshape(shape)


def shape_of(value: Any) -> tuple[int, int, int]:
    """Returns [n, 28, 28], n from 1; whether n is too large is not looked at."""
    whole = isinstance(value, list) and len(value) == 3 and all(type(size) is int for size in value)
    if not whole or value[0] < 1 or value[1:] != [SIDE, SIDE]:
        raise RefusalError(
            400, "shape", found=f"`{str(value)[:100]}`", expected=f"[n, {SIDE}, {SIDE}], n from 1 to {MOST_IMAGES:,}"
        )
    return (value[0], SIDE, SIDE)


def parameters_of(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    parameters = holder.get("parameters", {})
    if not isinstance(parameters, dict):
        raise RefusalError(400, "parameters", found="something else", expected="an object")
    return parameters


def from_bytes(data: bytes, size: Any, shape: tuple[int, ...], kind: str) -> np.ndarray[Any, Any]:
    """Returns the values of a tensor sent as bytes, the lowest byte of a number first."""
    dtype = np.dtype(INPUT_TYPES[kind])
    needed = prod(shape) * dtype.itemsize
    if type(size) is not int or not size == len(data) == needed:
        raise RefusalError(
            400,
            "binary_data_size",
            found=f"`{str(size)[:100]}` and {len(data):,} bytes after the JSON",
            expected=f"{needed:,} of both for this shape and datatype",
        )
    return np.frombuffer(data, dtype)


def from_json(data: Any, shape: tuple[int, ...], kind: str) -> np.ndarray[Any, Any]:
    """Returns the values of a tensor sent as a list, flat or of lists."""
    values = data
    for _ in range(len(shape) - 1):
        if isinstance(values, list) and values and all(isinstance(each, list) for each in values):
            values = [*chain.from_iterable(values)]
    types = {int} if kind == "UINT8" else {int, float}
    if not isinstance(values, list) or len(values) != prod(shape) or not set(map(type, values)) <= types:
        raise RefusalError(
            400,
            "data",
            found="something else",
            expected=f"{prod(shape):,} {'whole ' if kind == 'UINT8' else ''}numbers, flat or in rows",
        )
    return np.array(values, np.float64)


def as_pixels(values: np.ndarray[Any, Any], kind: str) -> UInt8Images:
    """Returns values as uint8; FP32 is rounded to 255ths."""
    scale = 1 if kind == "UINT8" else 255
    if not np.all((values >= 0) & (values <= 255 / scale)):  # false for what is no number as well
        raise out_of_range(kind)
    return np.asarray(values if values.dtype == np.uint8 else np.rint(values * scale).astype(np.uint8))


def out_of_range(kind: str) -> RefusalError:
    return RefusalError(
        400, "data", found="a number out of range", expected=f"0 to {255 if kind == 'UINT8' else 1} for {kind}"
    )


def outputs_of(asked: Mapping[str, Any]) -> dict[str, bool]:
    """Returns the outputs that are wanted, all where a client names none, each with whether as bytes."""
    binary = parameters_of(asked).get("binary_data_output") is True
    wanted = asked.get("outputs", [])
    if not isinstance(wanted, list) or not all(map(is_output, wanted)):
        raise RefusalError(400, "outputs", found="something else", expected=f"names among {', '.join(OUTPUTS)}")
    wanted = wanted or [{"name": name} for name in OUTPUTS]
    return {each["name"]: parameters_of(each).get("binary_data", binary) is True for each in wanted}


def is_output(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("name"), str) and value["name"] in OUTPUTS
