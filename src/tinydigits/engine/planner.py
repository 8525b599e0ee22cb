"""Network → plan, layer by layer; and which nets have one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tinydigits.engine.plan import (
    Area,
    Border,
    Convolution,
    Drop,
    Loss,
    Pair,
    Plan,
    Pooling,
    Product,
    Rectify,
    Rule,
    Step,
    Windows,
)
from tinydigits.engine.weights import Slot, slots_for
from tinydigits.errors import UnsupportedError
from tinydigits.layers import Conv2D, Dense, Dropout, Flatten, Layer, MaxPooling2D, Padding, ReLU, pads_of
from tinydigits.network import Network

# A position inside a pooling window is remembered in a signed byte.
LARGEST_WINDOW = 127

# A softmax is known too, after the last of them.
KNOWN = (Conv2D, MaxPooling2D, Dense, ReLU, Dropout, Flatten)


@dataclass
class Draft:
    """A plan as it grows."""

    areas: list[Area]
    steps: list[Step] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)

    @property
    def here(self) -> int:
        """The area that the next layer reads."""
        return len(self.areas) - 1

    @property
    def image(self) -> tuple[int, int, int]:
        """(rows, columns, channels) of that area."""
        area = self.areas[-1]
        return area.rows, area.columns, area.channels

    @property
    def end(self) -> int:
        """Where the next weights go."""
        return self.slots[-1].end if self.slots else 0

    def keep_weights(self, kernel: Slot, bias: Slot | None) -> None:
        self.slots += [kernel] if bias is None else [kernel, bias]


def make_plan(network: Network, loss: Loss, rule: Rule) -> Plan:
    """The plan that trains `network`.

    Raises:
        UnsupportedError: names the layer that the engine has no kernel for.
    """
    height, width, channels = (*network.input_shape, 1)[:3]
    draft = Draft([Area(channels, height, width)])
    for layer in network.layers[:-1] if network.ends_in_softmax else network.layers:
        add(draft, layer)
    if not draft.steps or not isinstance(draft.steps[-1], Product) or draft.steps[-1].rectify:
        raise unsupported("the last layer", "no plain Dense", "Dense with softmax or no activation")
    return Plan(
        network.input_shape,
        tuple(draft.areas),
        tuple(draft.steps),
        tuple(draft.slots),
        network.ends_in_softmax,
        loss,
        rule,
    )


def unsupported(subject: str, found: str, expected: str) -> UnsupportedError:
    return UnsupportedError(subject, found=found, expected=expected, fix="Keras' own fit can train it.")


def add(draft: Draft, layer: Layer) -> None:
    """One more layer."""
    if type(layer) not in KNOWN:
        raise unsupported(
            "a layer of the net", type(layer).__name__, f"one of {', '.join(kind.__name__ for kind in KNOWN)}"
        )
    match layer:
        case Conv2D():
            add_convolution(draft, layer)
        case MaxPooling2D():
            add_pooling(draft, layer)
        case Dense():
            add_product(draft, layer)
        case ReLU():
            add_rectifier(draft)
        case Dropout():
            add_dropout(draft, layer)
        case Flatten():
            pass  # a dense layer reads an area's numbers as they lie


def add_convolution(draft: Draft, layer: Conv2D) -> None:
    if layer.strides != (1, 1):
        raise unsupported("Conv2D", f"strides {layer.strides}", "strides (1, 1)")
    rows, columns, filters = layer.output_shape(draft.image)
    windows = windows_on(draft.image, layer.kernel_size, (1, 1), layer.padding)
    kernel, bias = slots_for(draft.end, layer.kernel, layer.bias)
    draft.areas[-1] = with_border(draft.areas[-1], windows, (rows, columns))
    draft.steps.append(Convolution(draft.here, windows, Area(filters, rows, columns), kernel, bias))
    draft.keep_weights(kernel, bias)
    draft.areas.append(Area(filters, rows, columns))


def add_pooling(draft: Draft, layer: MaxPooling2D) -> None:
    rows, columns, channels = layer.output_shape(draft.image)
    windows = windows_on(draft.image, layer.pool_size, layer.strides, layer.padding)
    if windows.size[0] * windows.size[1] > LARGEST_WINDOW:
        raise unsupported("MaxPooling2D", f"a window of {windows.size}", f"at most {LARGEST_WINDOW} positions")
    last, output = draft.steps[-1] if draft.steps else None, Area(channels, rows, columns)
    if isinstance(last, Convolution) and last.rectify and windows.tile(draft.areas[-1], output):
        draft.steps[-1] = replace(last, pooling=windows)
        draft.areas[-1] = output
    else:
        draft.steps.append(Pooling(draft.here, windows))
        draft.areas.append(output)


def add_product(draft: Draft, layer: Dense) -> None:
    kernel, bias = slots_for(draft.end, layer.kernel, layer.bias, draft.image)
    draft.steps.append(Product(draft.here, kernel, bias))
    draft.keep_weights(kernel, bias)
    draft.areas.append(Area(layer.kernel.shape[1], 1, 1))


def add_rectifier(draft: Draft) -> None:
    """ReLU, as part of the convolution or dense layer before it where it directly follows one."""
    last = draft.steps[-1] if draft.steps else None
    if isinstance(last, Convolution | Product):
        draft.steps[-1] = replace(last, rectify=True)
    else:
        draft.steps.append(Rectify(draft.here))


def add_dropout(draft: Draft, layer: Dropout) -> None:
    index = sum(isinstance(step, Drop) for step in draft.steps)
    if layer.rate > 0:
        draft.steps.append(Drop(draft.here, layer.rate, index))


def windows_on(image: tuple[int, int, int], size: Pair, strides: Pair, padding: Padding) -> Windows:
    (top, _), (left, _) = pads_of(image, size, strides, padding)
    return Windows(size, strides, (top, left))


def with_border(area: Area, windows: Windows, outputs: Pair) -> Area:
    """`area` with as many zeros around it as windows of stride 1 need to give `outputs` rows and columns."""
    top, left = windows.origin
    below, right = (
        out + size - 1 - extent - before
        for out, size, extent, before in zip(
            outputs, windows.size, (area.rows, area.columns), windows.origin, strict=True
        )
    )
    return replace(area, border=Border(top, left, below, right))
