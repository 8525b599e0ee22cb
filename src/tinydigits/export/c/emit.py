"""Writes a net as C: head comment, arrays, the table of layers, and the functions for the kinds of layers it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from math import prod

from tinydigits.export.c.memory import Memory, laid_out
from tinydigits.export.c.text import array, number
from tinydigits.export.c.units import Unit, Weights
from tinydigits.network.layers import Shape

# In the order in which their functions stand in the file.
KINDS = ("CONVOLVE", "DEPTHWISE", "SEPARABLE", "MAXIMUM", "AVERAGE", "DENSE", "MEAN")
NAMES = {
    "CONVOLVE": "convolution",
    "DEPTHWISE": "depthwise convolution",
    "SEPARABLE": "separable convolution",
    "MAXIMUM": "max pooling",
    "AVERAGE": "average pooling",
    "DENSE": "dense layer",
    "MEAN": "dense layer of each channel's mean",
}
# Largest number of a field of one byte.
BYTE = 255
# A sum of this many values of one byte fits into 16 bits.
SMALL_AREA = 257


@dataclass(frozen=True, eq=False)
class Program:
    """A net, ready to be written as C.

    Attributes:
        units: its layers.
        int8: whole numbers; else float32.
        notes: lines of the head comment.
        score_scale: what one step of a score is worth, in logits.
        largest_total: bound of every sum; None for the float form.
    """

    units: tuple[Unit, ...]
    int8: bool
    notes: tuple[str, ...] = ()
    score_scale: float = 1.0
    largest_total: int | None = None

    @cached_property
    def memory(self) -> Memory:
        return laid_out(self.units)

    @property
    def classes(self) -> int:
        return self.units[-1].output_shape[2]

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(kind for kind in KINDS if any(unit.kind == kind for unit in self.units))

    @property
    def padded(self) -> bool:
        return any(unit.padded for unit in self.units)


def source(program: Program) -> str:
    """Returns the C file, which includes digits.h."""
    return f'{head(program)}\n#include "digits.h"\n\n{body(program)}'


def single_header(program: Program) -> str:
    """Returns one header; the file that defines DIGITS_IMPLEMENTATION before it includes the header gets the code."""
    return f"{header(program)}\n#ifdef DIGITS_IMPLEMENTATION\n{body(program)}\n#endif\n"


def head(program: Program) -> str:
    lines = "\n".join(f"   {line}".rstrip() for line in program.notes)
    return f"/* Reads a handwritten digit; written by tinydigits.\n\n{lines} */\n"


def header(program: Program) -> str:
    """Returns digits.h."""
    rows, row = image_size(program.units[0].input_shape)
    return piece("digits.h").format(
        head=head(program),
        score=score_type(program),
        score_meaning=(
            "a score times DIGITS_SCORE_SCALE is the net's logit" if program.int8 else "scores are the net's logits"
        ),
        scale=number(program.score_scale),
        pixels=rows * row,
        row=row,
        classes=program.classes,
    )


def image_size(shape: Shape) -> tuple[int, int]:
    """Returns rows, and values in a row."""
    return shape[0], prod(shape[1:])


def body(program: Program) -> str:
    """Returns everything after the includes."""
    used = {kind.lower() for kind in program.kinds}
    used |= {"pad"} if program.padded else set()
    used |= {"whole"} if used & {"dense", "mean"} else set()
    used |= {"window"} if used & {"convolve", "depthwise", "separable", "maximum", "average"} else {"nowindow"}
    parts = [
        piece("int8.c" if program.int8 else "float.c"),
        typedefs(program),
        piece("layer.c"),
        f"enum {{ {', '.join(KINDS)} }};\n",
        *weight_arrays(program),
        layer_table(program),
        storage(program),
        piece("layer_at.c"),
        *([piece("dot.c")] if used & {"convolve", "separable"} else []),
        *(piece(f"{kind.lower()}.c") for kind in program.kinds),
        f"#define UNIT_TOTAL(layer, f) {unit_total(program.kinds)}\n",
        *([piece("sides.c")] if program.padded else []),
        chosen("flow.c", used),
        *([piece("pad.c")] if program.padded else []),
        macros(program),
        chosen("predict.c", used),
    ]
    return "\n".join(parts)


def piece(name: str) -> str:
    return (resources.files("tinydigits.export.c") / "pieces" / name).read_text("utf-8")


def chosen(name: str, used: set[str]) -> str:
    """Returns a piece with those of its marked lines, `//MARK …`, whose mark is used."""
    lines = []
    for line in piece(name).splitlines():
        mark, space, rest = line.removeprefix("//").partition(" ") if line.startswith("//") else ("", "", line)
        if not mark or mark in used:
            lines.append(space + rest if mark else line)
    return "\n".join(lines) + "\n"


def typedefs(program: Program) -> str:
    sizes = [size for unit in program.units for size in small_fields(unit)]
    small = "uint8_t" if max(sizes) <= BYTE else "uint16_t"
    lines = [f"typedef {small} size; /* of a layer */"]
    if "MEAN" in program.kinds:
        area = max(prod(unit.input_shape[:2]) for unit in program.units if unit.kind == "MEAN")
        kind = "float" if not program.int8 else "uint16_t" if area <= SMALL_AREA else "uint32_t"
        lines.append(f"typedef {kind} sum; /* of a channel's values */")
    if "AVERAGE" in program.kinds:
        lines.append(f"#define HALF(area) {'((area) / 2)' if program.int8 else '0'} /* rounds a mean to the nearest */")
    return "\n".join(lines) + "\n"


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
        "row": memory.rows[index],
        "in": memory.places[index],
        "out": out_place(program, index),
        "kept": memory.kept[index],
        **pointers(unit, index, program.int8),
    }
    text = ", ".join(f".{name} = {value}" for name, value in fields.items() if value not in (0, "0", "0.0f"))
    return f"    {{{text}}}"


def unit_total(kinds: tuple[str, ...]) -> str:
    """Returns the C expression of a unit's total in layers that need the whole map."""
    if "MEAN" not in kinds:
        return "((void)(layer), totals[f])"
    return "((layer)->kind == DENSE ? totals[f] : mean_total(layer, f))" if "DENSE" in kinds else "mean_total(layer, f)"


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


def storage(program: Program) -> str:
    """Returns the constants and the arrays in RAM."""
    units = program.units
    window_rows = max(unit.window[0] for unit in units)
    lines = [
        f"enum {{ LAYERS = {len(units)}, MOST_WINDOW_ROWS = {window_rows}, MOST_CHANNELS = {most_channels(units)}, "
        f"MOST_TAPS = {most_taps(units)} }};"
    ]
    lines.append(f"static value memory[{program.memory.size}];")
    lines.append("static uint8_t seen[LAYERS]; /* rows that each layer has seen */")
    if "DENSE" in program.kinds:
        lines.append(f"static total totals[{max(unit.output_shape[2] for unit in units if unit.kind == 'DENSE')}];")
    if "MEAN" in program.kinds:
        lines.append(f"static sum sums[{max(unit.input_shape[2] for unit in units if unit.kind == 'MEAN')}];")
    return "\n".join(lines) + "\n"


def most_channels(units: tuple[Unit, ...]) -> int:
    return max((unit.input_shape[2] for unit in units if unit.kind == "SEPARABLE"), default=1)


def most_taps(units: tuple[Unit, ...]) -> int:
    """Returns the most values in a window of a convolution."""
    taps = (prod(unit.window) * unit.input_shape[2] for unit in units if unit.kind == "CONVOLVE")
    return max(taps, default=1)


def score_type(program: Program) -> str:
    return "int32_t" if program.int8 else "float"


def macros(program: Program) -> str:
    rows, row = image_size(program.units[0].input_shape)
    unit = program.units[0]
    place = program.memory.places[0] + unit.pads[1][0] * unit.input_shape[2]
    scored = "((v) < 0 ? 0 : (v))" if program.units[-1].relu else "(v)"
    pixel = "(v)" if program.int8 else "((float)(v) / 255)"
    return (
        f"enum {{ ROWS = {rows}, ROW = {row}, FIRST_ROW = {place}, CLASSES = {program.classes} }};\n"
        f"#define PIXEL(v) {pixel}\n#define SCORED(v) {scored}\n"
    )
