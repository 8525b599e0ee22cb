"""The arrays of weights and the table of layers of generated C."""

from __future__ import annotations

from collections.abc import Iterator

from tinydigits.export.c.program import Program
from tinydigits.export.c.text import array, number
from tinydigits.export.c.units import Unit, Weights

NAMES = {
    "CONVOLVE": "convolution",
    "DEPTHWISE": "depthwise convolution",
    "SEPARABLE": "separable convolution",
    "MAXIMUM": "max pooling",
    "AVERAGE": "average pooling",
    "DENSE": "dense layer",
    "MEAN": "dense layer of each channel's mean",
}


def weight_arrays(program: Program) -> Iterator[str]:
    for index, unit in enumerate(program.units):
        label = f"Layer {index}, {NAMES[unit.kind]}"
        if unit.inner:
            yield from arrays_of(f"inner{index}", unit.inner, f"{label}, depthwise", program.int8)
        if unit.own:
            yield from arrays_of(f"layer{index}", unit.own, label, program.int8)


def arrays_of(name: str, weights: Weights, label: str, int8: bool) -> Iterator[str]:
    order = " x ".join(map(str, weights.weights.shape))
    yield array("weight", f"{name}_weights", weights.weights, f"{label}: weights, {order}")
    yield array("bias", f"{name}_biases", weights.biases, f"{label}: biases")
    if int8 and weights.shifts is not None:
        yield array("uint8_t", f"{name}_shifts", weights.shifts, f"{label}: shifts of totals")


def layer_table(program: Program) -> str:
    rows = ",\n".join(layer_row(program, index) for index in range(len(program.units)))
    return f"static const Layer layers[] TABLE = {{\n{rows}}};\n"


def layer_row(program: Program, index: int) -> str:
    """Returns one row of the table, its fields by name; those that are 0 are left out."""
    unit, memory = program.units[index], program.memory
    left = unit.pads[1][0]
    extra = memory.rows[index] // unit.input_shape[2] - left - unit.input_shape[1]
    fields: dict[str, object] = {
        "kind": unit.kind,
        "relu": int(unit.relu),
        "halve": int(unit.halve),
        "bias_shift": unit.own.bias_shift if unit.own else 0,
        "inner_shift": unit.inner.bias_shift if unit.inner else 0,
        "rows": unit.input_shape[0],
        "channels": unit.input_shape[2],
        "columns": unit.output_shape[1],
        "filters": unit.output_shape[2],
        "window_rows": unit.window[0],
        "window_columns": unit.window[1],
        "step_rows": unit.strides[0],
        "step_columns": unit.strides[1],
        "above": unit.pads[0][0],
        "below": unit.pads[0][1],
        "left": left,
        "right": extra if unit.padded else 0,
        "padding": number(unit.padding),
        # A dense layer reads no pixel beyond the row, though one may be there that a pair of outputs left.
        "row": unit.input_shape[1] * unit.input_shape[2] if unit.kind in ("DENSE", "MEAN") else memory.rows[index],
        "in": memory.places[index],
        "out": out_place(program, index),
        "kept": memory.kept[index],
        **pointers(unit, index, program.int8),
    }
    text = ", ".join(f".{name} = {value}" for name, value in fields.items() if value not in (0, "0", "0.0f"))
    return f"    {{{text}}}"


def small_fields(unit: Unit) -> tuple[int, ...]:
    return (*unit.input_shape[::2], *unit.output_shape[1:], *unit.window, *unit.strides)


def out_place(program: Program, index: int) -> int:
    """Returns where the layer writes its row: in the next layer's row, after the padding."""
    if index + 1 == len(program.units):
        return 0
    following = program.units[index + 1]
    return program.memory.places[index + 1] + following.pads[1][0] * following.input_shape[2]


def pointers(unit: Unit, index: int, int8: bool) -> dict[str, str]:
    named: dict[str, str] = {}
    for prefix, name, weights in (("inner_", f"inner{index}", unit.inner), ("", f"layer{index}", unit.own)):
        if weights:
            named |= {f"{prefix}weights": f"{name}_weights", f"{prefix}biases": f"{name}_biases"}
            if int8 and weights.shifts is not None:
                named[f"{prefix}shifts"] = f"{name}_shifts"
    return named
