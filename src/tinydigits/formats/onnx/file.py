"""Writes and reads `.onnx` files: a `Network` and its metadata.

The file has input `image`, float32 [N, height, width] (or [N, height, width, channels]), ink bright, 0 to 1, or 0 to
255 where the metadata say so; and outputs `logits` and `probabilities`, float32 [N, classes]. Inside, images are
channels-first, as ONNX requires. They are transposed back before they are flattened, so that dense weights keep Keras'
order. The last entry of the metadata is the SHA-256 of all bytes before its digits: a file with any byte changed is
refused.

This module handles the file and its metadata; `nodes` handles the graph.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError
from onnx import helper

from tinydigits.errors import IntegrityError, ModelError, UnsafeModelError
from tinydigits.formats.keras_pixels import Pixels, known_pixels
from tinydigits.formats.onnx.nodes import OPERATORS, GraphError, graph_from_network, network_from_graph
from tinydigits.network.network import Network
from tinydigits.system.regular_files import read_regular

# Version of the metadata. Files of format 1 do not end in their own SHA-256; files of any other format are refused.
FORMAT = 2
FORMATS = (1, FORMAT)
# Largest model file, in bytes.
MAX_BYTES = 16_000_000
# Version of the operators, from 2022. Old runtimes on phones and in browsers support it.
OPSET = 17
# Version of the ONNX file format, from 2022.
IR_VERSION = 8
# Every key of our metadata begins with this.
PREFIX = "tinydigits."
# The last entry, and what it is before the digits are known. As JSON it is in quotes: the digits end a byte before the
# file does.
OWN_SHA256 = "file_sha256"
NO_DIGITS = "0" * 64


@dataclass(frozen=True)
class Metadata:
    """What a model file stores about its model, in addition to the net.

    Attributes:
        recipe: the settings of its training, as JSON values.
        versions: the versions of the software that trained it.
        scores: accuracy, 0 to 1, by split.
        temperature: calibrated confidence is the softmax of logits divided by this.
        rejection: the not-a-digit score, as `reader.confidence.NotADigit.as_json` returns it; None if not fitted.
        pixels: the range of the pixels that the net takes. The file states it only where it is not "0-1".
    """

    name: str
    recipe: Mapping[str, Any] | None = None
    seed: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[str, float | None] = field(default_factory=dict)
    temperature: float = 1.0
    rejection: Mapping[str, Any] | None = None
    pixels: Pixels = "0-1"


def to_bytes(network: Network, metadata: Metadata) -> bytes:
    """Returns the bytes of the `.onnx` file; the same network and metadata give the same bytes."""
    return model_bytes(graph_from_network(network), properties(network, metadata))


def model_bytes(graph: onnx.GraphProto, stored: Mapping[str, Any]) -> bytes:
    """Returns the bytes of a file with `graph` and the metadata `stored`."""
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="tinydigits",
    )
    entries = {key: json.dumps(value) for key, value in {**stored, OWN_SHA256: NO_DIGITS}.items()}
    helper.set_model_props(model, {PREFIX + key: value for key, value in entries.items()})
    return sealed(bytes(model.SerializeToString(deterministic=True)))


def sealed(data: bytes) -> bytes:
    """Returns a file's bytes with the digits of its own SHA-256 filled in."""
    return before_digits(data) + own_sha256(data).encode() + data[-1:]


def before_digits(data: bytes) -> bytes:
    """Returns the bytes of a file up to the digits of its own SHA-256."""
    return data[: -len(NO_DIGITS) - 1]


def own_sha256(data: bytes) -> str:
    return hashlib.sha256(before_digits(data)).hexdigest()


def properties(network: Network, metadata: Metadata) -> dict[str, Any]:
    """Returns the metadata to store, with properties of the network."""
    return {
        "format": FORMAT,
        "name": metadata.name,
        "classes": network.classes,
        "parameters": network.parameters,
        "multiply_adds": network.multiply_adds,
        "recipe": metadata.recipe,
        "seed": metadata.seed,
        "versions": dict(metadata.versions),
        "scores": dict(metadata.scores),
        "temperature": metadata.temperature,
        "rejection": metadata.rejection,
        **({} if metadata.pixels == "0-1" else {"pixels": metadata.pixels}),
        "weights_sha256": network.weights_sha256,
    }


def read(path: Path) -> tuple[Network, Metadata]:
    """Reads a model file from disk; see `from_bytes`."""
    try:
        data = read_regular(path, MAX_BYTES, UnsafeModelError)
    except OSError as error:
        raise ModelError(
            path,
            found=f"a file that cannot be read ({error.strerror})",
            expected="an .onnx file",
            fix="Check the path.",
        ) from error
    return from_bytes(data, path)


def from_bytes(data: bytes, name: object) -> tuple[Network, Metadata]:
    """Reads the network and metadata from the bytes of an `.onnx` file that tinydigits wrote.

    Raises:
        UnsafeModelError: the file uses external data, or operators that tinydigits does not write.
        ModelError: tinydigits did not write the file.
        IntegrityError: the weights or the whole file do not match the stored SHA-256.
    """
    model = parsed(data, name)
    refuse_unsafe(model, name)
    try:
        network = network_from_graph(model.graph)
        stored = {
            str(entry.key).removeprefix(PREFIX): json.loads(entry.value)
            for entry in model.metadata_props
            if str(entry.key).startswith(PREFIX)
        }
    except (GraphError, ValueError, RecursionError) as error:
        raise foreign(name, str(error)) from error
    check_whole(stored, data, name)
    return network, metadata_from(stored, network, name)


def parsed(data: bytes, name: object) -> onnx.ModelProto:
    """Parses the bytes, and checks the versions of the format and the operators."""
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except DecodeError as error:
        raise foreign(name, f"{len(data):,} bytes that are not a whole ONNX model") from error
    versions = [(each.domain, each.version) for each in model.opset_import]
    if (model.ir_version, versions) != (IR_VERSION, [("", OPSET)]):
        raise foreign(name, f"file version {model.ir_version} with operators {versions}" if data else "an empty file")
    return model


def refuse_unsafe(model: onnx.ModelProto, name: object) -> None:
    """Raises UnsafeModelError if the model uses data outside the file, or operators that we do not write."""
    # str() is needed because a damaged name is of type bytes.
    rounded = any(node.op_type == "DequantizeLinear" for node in model.graph.node)
    strange = sorted({str(node.op_type) for node in model.graph.node if node.domain or node.op_type not in OPERATORS})
    outside = [tensor.name for tensor in model.graph.initializer if tensor.external_data or tensor.data_location]
    found = (
        (f"the operators {', '.join(strange)}" if strange else "")
        or (f"weights outside the file ({outside[0]})" if outside else "")
        or ("functions of its own" if model.functions else "")
    )
    if found:
        raise UnsafeModelError(
            name,
            found=found,
            expected=f"weights inside the file and only {', '.join(sorted(OPERATORS))}",
            fix="Export that net's float32 model instead." if rounded else "Use a model.onnx that tinydigits wrote.",
        )


def check_whole(stored: Mapping[str, Any], data: bytes, name: object) -> None:
    """Checks the format, and where it has one, the file's own SHA-256."""
    if stored.get("format") not in FORMATS:
        raise foreign(name, f"format {stored.get('format', '(none)')}")
    if stored["format"] == FORMAT or OWN_SHA256 in stored:  # one changed byte may hide one of these, not both
        own, digits = own_sha256(data), stored.get(OWN_SHA256)
        if own != digits:
            raise damaged(name, f"a file with SHA-256 {own}", digits)


def damaged(name: object, found: str, expected: object) -> IntegrityError:
    return IntegrityError(
        name, found=found, expected=f"{expected}", fix="The file was damaged or edited: write it again from its run."
    )


def metadata_from(stored: Mapping[str, Any], network: Network, name: object) -> Metadata:
    """Returns the stored properties as `Metadata`, after checking them against the network."""
    if stored.get("weights_sha256") != network.weights_sha256:
        raise damaged(name, f"weights with SHA-256 {network.weights_sha256}", stored.get("weights_sha256"))
    try:
        return Metadata(
            name=printable(str(stored["name"])),
            recipe=stored["recipe"],
            seed=stored["seed"],
            versions=dict(stored["versions"]),
            scores=dict(stored["scores"]),
            temperature=float(stored["temperature"]),
            rejection=stored["rejection"],
            pixels=known_pixels(stored.get("pixels", "0-1")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise foreign(name, f"metadata without a proper {error}") from error


def printable(text: str) -> str:
    """Makes a name safe for a terminal: at most 100 characters, no control characters."""
    return "".join(character if character.isprintable() else "?" for character in text[:100])


def foreign(name: object, found: str) -> ModelError:
    return ModelError(
        name,
        found=found,
        expected=f"a model.onnx of format {' or '.join(map(str, FORMATS))}, as `tinydigits train` writes it",
        fix="Train or export the model with this version of tinydigits.",
    )
