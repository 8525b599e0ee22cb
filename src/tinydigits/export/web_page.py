"""One HTML file that reads digits: the modules of `page/` with a net, and panels that may be left out."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np

from tinydigits.errors import UnsupportedLayerError
from tinydigits.export.inline import Module, inlined
from tinydigits.formats.onnx.file import Metadata
from tinydigits.network.layers import (
    BatchNormalization,
    Conv2D,
    LeakyReLU,
    Shape,
    pads_of,
)
from tinydigits.network.layers.windows import Pooling
from tinydigits.network.network import Network

# The layers that `page/net.js` computes.
SUPPORTED = (
    "Conv2D",
    "DepthwiseConv2D",
    "Dense",
    "BatchNormalization",
    "MaxPooling2D",
    "AveragePooling2D",
    "GlobalAveragePooling2D",
    "ReLU",
    "LeakyReLU",
    "Flatten",
    "Dropout",
    "Softmax",
)
# The module that starts the page; modules of panels come before it.
MAIN = "main.js"


@dataclass(frozen=True)
class Panel:
    """A part of the page that may be left out.

    Attributes:
        name: of its folder below `page/`, with `panel.html`, `panel.css` and `panel.js`, which registers the part.
        data: text for it, by the id of the element that holds it.
    """

    name: str
    data: Mapping[str, str] = field(default_factory=dict)


def web_page(network: Network, metadata: Metadata, panels: Sequence[Panel] = ()) -> str:
    """Returns the page, as HTML.

    Raises:
        UnsupportedLayerError: the page does not compute a layer; the message names it.
    """
    data = {"model": as_json(described(network, metadata)), **{k: v for panel in panels for k, v in panel.data.items()}}
    entry = "".join(f'import "./{panel.name}/panel.js";\n' for panel in panels) + f'import "./{MAIN}";\n'
    return filled(
        text_of("index.html"),
        {
            "title": html.escape(f"{metadata.name} reads digits", quote=False),
            "heading": html.escape(f"{metadata.name} reads digits", quote=False),
            "about": html.escape(about(network, metadata), quote=False),
            "style": "\n".join(
                text_of(name) for name in ("page.css", *(f"{panel.name}/panel.css" for panel in panels))
            ),
            "panels": "\n".join(text_of(f"{panel.name}/panel.html") for panel in panels),
            "data": "\n".join(data_element(name, text) for name, text in data.items()),
            "script": as_script(inlined([*modules(), Module("entry.js", entry)], "entry.js")),
        },
    )


def about(network: Network, metadata: Metadata) -> str:
    """Returns a line about the net."""
    test = metadata.scores.get("test")
    accuracy = "" if test is None else f", {100 * test:.2f} % of MNIST's test images right"
    return f"A net of {network.parameters:,} parameters{accuracy}."


def filled(template: str, values: Mapping[str, str]) -> str:
    """Returns the template with a value in each place `{{name}}`; what a value holds is left as it is."""
    first, *parts = template.split("{{")
    pieces = [part.partition("}}") for part in parts]
    return first + "".join(values[name] + rest for name, _, rest in pieces)


def data_element(name: str, text: str) -> str:
    """Returns an element that holds text and shows nothing."""
    return f'<script type="text/plain" id="{name}">{as_script(text)}</script>'


def as_script(text: str) -> str:
    """Returns text that stands inside an element `script`.

    Raises:
        ValueError: the text would end the element.
    """
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError("this cannot stand in a script element: it holds `</script` or `<!--`")
    return text


def as_json(value: object) -> str:
    """Returns JSON that can stand inside an element `script`."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def modules() -> list[Module]:
    """Returns the ES modules of the page."""
    return [Module(path, file.read_text("utf-8")) for path, file in files("", folder()) if path.endswith(".js")]


def files(path: str, place: Traversable) -> list[tuple[str, Traversable]]:
    """Returns the files in a folder and below, with their paths; folders are separated by `/`."""
    found: list[tuple[str, Traversable]] = []
    for child in sorted(place.iterdir(), key=lambda child: child.name):
        found += files(f"{path}{child.name}/", child) if child.is_dir() else [(path + child.name, child)]
    return found


def folder() -> Traversable:
    return resources.files("tinydigits.export.page")


def text_of(path: str) -> str:
    """Returns a file of the page."""
    return folder().joinpath(*path.split("/")).read_text("utf-8")


def described(network: Network, metadata: Metadata) -> dict[str, Any]:
    """Returns what `page/net.js` needs to know, as JSON values; all weights are one base64 text of float32.

    Raises:
        UnsupportedLayerError: the page does not compute a layer.
    """
    weights = [np.ascontiguousarray(weight, "<f4") for weight in network.weights]
    return {
        "name": metadata.name,
        "inputShape": network.input_shape,
        "pixels": metadata.pixels,
        "classes": network.classes,
        "temperature": metadata.temperature,
        "rejection": metadata.rejection,
        "layers": described_layers(network),
        "sizes": [weight.size for weight in weights],
        "weights": base64.b64encode(b"".join(weight.tobytes() for weight in weights)).decode(),
    }


def described_layers(network: Network) -> list[dict[str, Any]]:
    layers, place = [], 0
    for index, (layer, shape) in enumerate(network.steps()):
        kind = type(layer).__name__
        if kind not in SUPPORTED:
            raise UnsupportedLayerError(
                f"layer {index}",
                found=f"{kind}, which the page does not compute",
                expected=f"one of {', '.join(SUPPORTED)}",
            )
        places = list(range(place, place + len(layer.weights)))
        place += len(places)
        values = {"kind": kind, "input": shape, "output": layer.output_shape(shape), "weights": places}
        layers.append({**values, **settings_of(layer, shape)})
    return layers


def settings_of(layer: object, shape: Shape) -> dict[str, Any]:
    """Returns what a layer computes with, beside its weights."""
    for kind, settings in SETTINGS.items():
        if isinstance(layer, kind):
            return settings(layer, shape)
    return {}


def window(size: tuple[int, int], layer: Any, shape: Shape) -> dict[str, Any]:
    """Returns a window's size, its strides, and the pixels to add above and left of the input."""
    (top, _), (left, _) = pads_of(shape, size, layer.strides, layer.padding)
    return {"window": size, "strides": layer.strides, "pads": (top, left)}


SETTINGS: dict[type, Callable[[Any, Shape], dict[str, Any]]] = {
    Conv2D: lambda layer, shape: window(layer.kernel_size, layer, shape),
    Pooling: lambda layer, shape: window(layer.pool_size, layer, shape),
    BatchNormalization: lambda layer, shape: {"epsilon": layer.epsilon},
    LeakyReLU: lambda layer, shape: {"slope": layer.negative_slope},
}
