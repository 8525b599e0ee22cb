"""Writes a net as C: head comment, arrays, the table of layers, and the functions for the kinds of layers it has."""

from __future__ import annotations

from importlib import resources
from math import prod

from tinydigits.export.c.program import KINDS, SMALL_AREA, Program, image_size, most_channels, most_taps, score_type
from tinydigits.export.c.table import layer_table, small_fields, weight_arrays
from tinydigits.export.c.text import number

# Largest number of a field of one byte.
BYTE = 255


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


def body(program: Program) -> str:
    """Returns everything after the includes."""
    used = {kind.lower() for kind in program.kinds}
    used |= {"pad"} if program.padded else set()
    if used & {"dense", "mean"}:
        used |= {"whole", "between" if program.passes_whole else "last"}
    used |= {"window"} if used & {"convolve", "depthwise", "separable", "maximum", "average"} else {"nowindow"}
    parts = [
        piece("fast.c"),
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


def unit_total(kinds: tuple[str, ...]) -> str:
    """Returns the C expression of a unit's total in layers that need the whole map."""
    if "MEAN" not in kinds:
        return "((void)(layer), totals[f])"
    return "((layer)->kind == DENSE ? totals[f] : mean_total(layer, f))" if "DENSE" in kinds else "mean_total(layer, f)"


def storage(program: Program) -> str:
    """Returns the constants and the arrays in RAM."""
    units = program.units
    window_rows = max(unit.window[0] for unit in units)
    lines = [
        f"enum {{ LAYERS = {len(units)}, MOST_WINDOW_ROWS = {window_rows}, MOST_CHANNELS = {most_channels(units)}, "
        f"MOST_TAPS = {most_taps(units)} }};"
    ]
    lines.append(f"#define EACH_LAYER(code) {' '.join(f'code({layer})' for layer in range(len(units)))}")
    lines.append(f"static value memory[{program.memory.size}];")
    lines.append("static uint8_t seen[LAYERS]; /* rows that each layer has seen */")
    if "DENSE" in program.kinds:
        lines.append(f"static total totals[{max(unit.output_shape[2] for unit in units if unit.kind == 'DENSE')}];")
    if "MEAN" in program.kinds:
        lines.append(f"static sum sums[{max(unit.input_shape[2] for unit in units if unit.kind == 'MEAN')}];")
    return "\n".join(lines) + "\n"


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
