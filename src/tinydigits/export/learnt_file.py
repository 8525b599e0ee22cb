"""The `.onnx` file that the page fills with what was learnt in it: its bytes, and where each weight lies in them."""

from __future__ import annotations

import base64
from dataclasses import fields, replace
from typing import Any, cast

import numpy as np
import onnx
from onnx import numpy_helper

from tinydigits.arrays import Float32Array
from tinydigits.formats.onnx.file import Metadata, before_digits, to_bytes
from tinydigits.network.layers import Layer
from tinydigits.network.network import Network


def learnt_file(network: Network, metadata: Metadata) -> dict[str, Any]:
    """Returns the file, as `page/learn/file.js` fills it; as JSON values.

    Scores, calibration and seed are those of other weights, so the file does not have them.

    Returns:
        `bytes`: base64 of the whole file, whose weights are numbers without meaning. `places`: base64 of int32: of each
        number of the weights, in Keras' order and layout, its byte. `sha256`: the byte where the 64 hexadecimal digits
        of the weights' SHA-256 begin. `own`: the byte where those of the file's begin, which is of all bytes before it.
    """
    numbered = with_numbers(network)
    data = to_bytes(numbered, Metadata(f"{metadata.name}-learnt", recipe=metadata.recipe, pixels=metadata.pixels))
    return {
        "bytes": base64.b64encode(data).decode(),
        "places": base64.b64encode(places_in(data).astype("<i4").tobytes()).decode(),
        "sha256": data.index(numbered.weights_sha256.encode()),
        "own": len(before_digits(data)),
    }


def with_numbers(network: Network) -> Network:
    """Returns the net with weights that count from 1, in Keras' order and layout."""
    layers, first = [], 1
    for layer in network.layers:
        changes: dict[str, Float32Array] = {}
        for name, weight in weights_by_name(layer).items():
            changes[name] = np.arange(first, first + weight.size, dtype=np.float32).reshape(weight.shape)
            first += weight.size
        layers.append(replace(cast(Any, layer), **changes))
    return Network(network.input_shape, tuple(layers))


def weights_by_name(layer: Layer) -> dict[str, Float32Array]:
    """Returns a layer's weights by the names of its fields, in Keras' order."""
    values = {field.name: getattr(layer, field.name) for field in fields(cast(Any, layer))}
    return {name: value for name, value in values.items() if any(value is weight for weight in layer.weights)}


def places_in(data: bytes) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Returns the byte of each weight in a file of a net `with_numbers`; int64 [weights]."""
    numbers, places, end = [], [], 0
    for tensor in onnx.ModelProto.FromString(data).graph.initializer:
        values = numpy_helper.to_array(tensor)
        start = data.index(tensor.raw_data, end)
        end = start + len(tensor.raw_data)
        if values.dtype == np.float32 and values.ndim:  # else axes, or a dropout's rate
            numbers.append(values.ravel())
            places.append(np.arange(start, end, 4))
    return np.concatenate(places)[np.concatenate(numbers).argsort()]
