"""Makes a plan from a `Network`, layer by layer, or refuses it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeGuard

from tinydigits.engine.compiler.plan import Loss, Plan, Rule
from tinydigits.engine.compiler.steps import (
    Area,
    Border,
    Convolution,
    Drop,
    Normalization,
    Pair,
    Pooling,
    Product,
    Rectify,
    Step,
    Weighted,
    Windows,
)
from tinydigits.engine.compiler.weights import Slot, padded, slots_for
from tinydigits.errors import UnsupportedError
from tinydigits.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    LeakyReLU,
    MaxPooling2D,
    Padding,
    ReLU,
    pads_of,
)
from tinydigits.network.network import Network

# Largest number of positions in a max pooling window, because a position is stored in a signed byte.
LARGEST_WINDOW = 127

# Supported layers. A softmax is also supported as the last layer.
KNOWN = (
    *(Conv2D, DepthwiseConv2D, MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D),
    *(Dense, BatchNormalization, ReLU, LeakyReLU, Dropout, Flatten),
)


@dataclass
class Draft:
    """An unfinished plan.

    Attributes:
        end: position of the next trained weights.
        statistics_end: position of the next moving statistics.
        flat: whether the next layers see one row of numbers, as after Flatten.
    """

    areas: list[Area]
    statistics_end: int
    steps: list[Step] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    end: int = 0
    flat: bool = False

    @property
    def here(self) -> int:
        """Index of the area that the next layer reads."""
        return len(self.areas) - 1

    @property
    def image(self) -> tuple[int, int, int]:
        """(rows, columns, channels) of the area that the next layer reads."""
        area = self.areas[-1]
        return area.rows, area.columns, area.channels

    def keep_weights(self, first: Slot, second: Slot | None) -> None:
        self.slots += [first] if second is None else [first, second]
        self.end = self.slots[-1].end


def make_plan(network: Network, loss: Loss, rule: Rule) -> Plan:
    """Makes the plan that trains `network`.

    Raises:
        UnsupportedError: the engine has no kernel for a layer; the message names it.
    """
    # Moving statistics come after all trained weights. The first draft shows where those end.
    draft = drafted(network, drafted(network, 0).end)
    last = draft.steps[-1] if draft.steps else None
    if not isinstance(last, Product) or last.slope != 1:
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


def drafted(network: Network, statistics_at: int) -> Draft:
    height, width, channels = (*network.input_shape, 1)[:3]
    draft = Draft([Area(channels, height, width)], statistics_at)
    for layer in network.layers[:-1] if network.ends_in_softmax else network.layers:
        add(draft, layer)
    return draft


def unsupported(subject: str, found: str, expected: str) -> UnsupportedError:
    return UnsupportedError(subject, found=found, expected=expected, fix="Keras' own fit can train it.")


def add(draft: Draft, layer: Layer) -> None:
    """Adds one layer."""
    if type(layer) not in KNOWN:
        raise unsupported(
            "a layer of the net", type(layer).__name__, f"one of {', '.join(kind.__name__ for kind in KNOWN)}"
        )
    match layer:
        case Conv2D():  # includes DepthwiseConv2D
            add_convolution(draft, layer)
        case Dense():
            add_product(draft, layer)
        case BatchNormalization():
            add_normalization(draft, layer)
        case ReLU() | LeakyReLU():
            add_rectifier(draft, 0.0 if isinstance(layer, ReLU) else layer.negative_slope)
        case Dropout():
            add_dropout(draft, layer)
        case _:
            add_summary(draft, layer)


def add_summary(draft: Draft, layer: Layer) -> None:
    """Adds a pooling, or a layer that makes one row of numbers."""
    match layer:
        case MaxPooling2D() | AveragePooling2D():
            add_pooling(draft, layer)
        case GlobalAveragePooling2D():
            everything = draft.image[:2]
            add_pooling(draft, AveragePooling2D(everything, everything))
            draft.flat = True
        case Flatten():
            draft.flat = True  # a dense layer reads an area in its own order


def add_convolution(draft: Draft, layer: Conv2D) -> None:
    depthwise = isinstance(layer, DepthwiseConv2D)
    rows, columns, filters = layer.output_shape(draft.image)
    if depthwise and filters != draft.image[2]:
        raise unsupported("DepthwiseConv2D", f"{filters // draft.image[2]} filters per channel", "depth_multiplier=1")
    windows = windows_on(draft.image, layer.kernel_size, layer.strides, layer.padding)
    kernel, bias = slots_for(draft.end, layer.kernel, layer.bias)
    draft.areas[-1] = with_border(draft.areas[-1], windows, (rows, columns))
    draft.steps.append(Convolution(draft.here, windows, Area(filters, rows, columns), kernel, bias, depthwise))
    draft.keep_weights(kernel, bias)
    draft.areas.append(Area(filters, rows, columns))


def add_pooling(draft: Draft, layer: MaxPooling2D | AveragePooling2D) -> None:
    rows, columns, channels = layer.output_shape(draft.image)
    windows = windows_on(draft.image, layer.pool_size, layer.strides, layer.padding)
    average = isinstance(layer, AveragePooling2D)
    if not average and windows.size[0] * windows.size[1] > LARGEST_WINDOW:
        raise unsupported("MaxPooling2D", f"a window of {windows.size}", f"at most {LARGEST_WINDOW} positions")
    output = Area(channels, rows, columns)
    last = draft.steps[-1] if draft.steps else None
    if not average and can_pool(last) and windows.tile(draft.areas[-1], output):
        draft.steps[-1] = replace(last, pooling=windows)
        draft.areas[-1] = output
    else:
        draft.steps.append(Pooling(draft.here, windows, average))
        draft.areas.append(output)


def can_pool(step: Step | None) -> TypeGuard[Convolution | Normalization]:
    """Returns whether a step ends in ReLU and can include a max pooling whose windows lie side by side."""
    if isinstance(step, Convolution):
        return step.slope == 0 and not step.depthwise and step.windows.strides == (1, 1)
    return isinstance(step, Normalization) and step.slope == 0


def add_product(draft: Draft, layer: Dense) -> None:
    kernel, bias = slots_for(draft.end, layer.kernel, layer.bias, draft.image)
    draft.steps.append(Product(draft.here, kernel, bias))
    draft.keep_weights(kernel, bias)
    draft.areas.append(Area(layer.kernel.shape[1], 1, 1))


def add_normalization(draft: Draft, layer: BatchNormalization) -> None:
    area = draft.areas[-1]
    if draft.flat and area.rows * area.columns > 1:
        raise unsupported("BatchNormalization", "one behind a flattened image", "one for each channel, before Flatten")
    index = sum(isinstance(step, Normalization) for step in draft.steps)
    gamma, beta = Slot(draft.end, layer.gamma.shape), Slot(draft.end + padded(layer.gamma.size), layer.beta.shape)
    mean = Slot(draft.statistics_end, layer.mean.shape, trained=False)
    variance = Slot(mean.end, layer.variance.shape, trained=False)
    arrays = gamma, beta, mean, variance
    draft.steps.append(Normalization(draft.here, index, *arrays, layer.epsilon, layer.momentum))
    draft.slots += arrays
    draft.end, draft.statistics_end = beta.end, variance.end
    draft.areas.append(Area(area.channels, area.rows, area.columns))


def add_rectifier(draft: Draft, slope: float) -> None:
    """Adds ReLU or LeakyReLU. Directly after a step with weights it becomes a part of that step."""
    if not 0 <= slope <= 1:
        raise unsupported("LeakyReLU", f"negative_slope={slope}", "0 to 1")
    last = draft.steps[-1] if draft.steps else None
    if isinstance(last, Weighted) and last.slope == 1:
        draft.steps[-1] = replace(last, slope=slope)
    else:
        draft.steps.append(Rectify(draft.here, slope))


def add_dropout(draft: Draft, layer: Dropout) -> None:
    index = sum(isinstance(step, Drop) for step in draft.steps)
    if layer.rate > 0:
        draft.steps.append(Drop(draft.here, layer.rate, index))


def windows_on(image: tuple[int, int, int], size: Pair, strides: Pair, padding: Padding) -> Windows:
    (top, _), (left, _) = pads_of(image, size, strides, padding)
    return Windows(size, strides, (top, left))


def with_border(area: Area, windows: Windows, outputs: Pair) -> Area:
    """Returns `area` with the border of zeros that windows need for `outputs` rows and columns."""
    top, left = windows.origin
    below, right = (
        max((out - 1) * stride + size - extent - before, 0)
        for out, stride, size, extent, before in zip(
            outputs, windows.strides, windows.size, (area.rows, area.columns), windows.origin, strict=True
        )
    )
    return replace(area, border=Border(top, left, below, right))
