"""The part of the page that trains: the engine as WebAssembly, MNIST's images, and how the net is to be trained."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Iterator
from math import prod, sqrt
from typing import Any

import numpy as np

from tinydigits.data.dataset import CLASSES, Dataset
from tinydigits.engine.compiler.plan import Plan
from tinydigits.engine.compiler.planner import make_plan
from tinydigits.engine.compiler.weights import Slot
from tinydigits.errors import UnsupportedError
from tinydigits.export.inline import inlined
from tinydigits.export.learnt_file import learnt_file
from tinydigits.export.wasm.learning import learning_from
from tinydigits.export.wasm.modules import module_for, shipped_module_for
from tinydigits.export.web_page import Panel, as_json, described, modules
from tinydigits.formats.onnx.file import Metadata
from tinydigits.network.layers import BatchNormalization
from tinydigits.network.network import Network

NAME = "learn"


def learn_panel(network: Network, metadata: Metadata, train: Dataset, test: Dataset) -> Panel:
    """Returns the panel that trains the layers of `network` on `train`, by its recipe, and tests on `test`.

    Raises:
        UnsupportedError: the engine does not train such a net on MNIST; the message says why.
        CompilerError: no module is shipped for it, and ziglang is not installed or failed.
    """
    data = learning_data(network, metadata, module_for)
    return Panel(NAME, {**data, **as_texts("train", train), **as_texts("test", test)})


def served_learn_panel(network: Network, metadata: Metadata, *, carried: bool = False) -> Panel:
    """Returns the panel of a page whose server gives MNIST; nothing is compiled for it.

    Args:
        carried: the panel holds the net, because the page reads with another one.

    Raises:
        UnsupportedError: the engine does not train such a net on MNIST, or no module is shipped for it.
    """
    data = learning_data(network, metadata, shipped_or_refused)
    own = {"learn-network": as_json(described(network, metadata))} if carried else {}
    return Panel(NAME, {**data, **own})


def shipped_or_refused(plan: Plan) -> bytes:
    shipped = shipped_module_for(plan)
    if shipped is None:
        raise UnsupportedError("training in the page", found="a net of one's own", expected="layers of a shipped net")
    return shipped


def learning_data(network: Network, metadata: Metadata, module_of: Callable[[Plan], bytes]) -> dict[str, str]:
    """Returns all that the panel holds but images: settings, a file to fill, the engine, the worker's script."""
    if metadata.pixels != "0-1" or network.classes != CLASSES:
        raise UnsupportedError(
            "training in the page",
            found=f"a net of {network.classes} answers that takes pixels of {metadata.pixels}",
            expected=f"{CLASSES} answers, one a digit, and pixels of 0-1",
        )
    learning = learning_from(metadata.recipe)
    plan = make_plan(network, learning.loss, learning.rule)
    return {
        "learn-settings": as_json({**learning.as_json(), "places": places_of(network, plan)}),
        "learn-file": as_json(learnt_file(network, metadata)),
        "learn-module": base64.b64encode(module_of(plan)).decode(),
        "learn-worker": inlined(modules(), f"{NAME}/worker.js"),
    }


def as_texts(name: str, dataset: Dataset) -> dict[str, str]:
    """Returns images and labels, each byte by byte, as base64 of gzip."""
    parts = {"images": dataset.images, "labels": dataset.labels.astype(np.uint8)}
    return {
        f"learn-{name}-{part}": base64.b64encode(gzip.compress(values.tobytes(), 6, mtime=0)).decode()
        for part, values in parts.items()
    }


def places_of(network: Network, plan: Plan) -> list[dict[str, Any]]:
    """Returns of each weight where the engine keeps it, and what it begins with, as `page/learn/` takes them.

    `image` is the (rows, columns, channels) that a dense kernel reads, else None; `stride` lies between its `units`.
    A fresh weight is uniform from -`limit` to `limit`, or where `limit` is None, `constant`.
    """
    return [
        {
            "offset": slot.offset,
            "size": prod(slot.shape),
            "image": slot.image,
            "stride": slot.stride,
            "units": slot.shape[-1],
            "limit": limit(slot),
            "constant": constant,
        }
        for slot, constant in zip(plan.slots, constants(network), strict=True)
    ]


def limit(slot: Slot) -> float | None:
    """Returns the limit of Keras' `GlorotUniform` for a kernel; None for vectors."""
    if len(slot.shape) == 1:
        return None
    return sqrt(6 / (prod(slot.shape[:-2]) * (slot.shape[-2] + slot.shape[-1])))


def constants(network: Network) -> Iterator[int]:
    """Yields what Keras begins each weight with that is not random."""
    for layer in network.layers:
        yield from (1, 0, 0, 1) if isinstance(layer, BatchNormalization) else (0,) * len(layer.weights)
