"""What generated C needs of a microcontroller: flash and RAM, in bytes."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from tinydigits.errors import OutputError
from tinydigits.export.c.program import SMALL_AREA, Program
from tinydigits.export.c.units import Weights

# Bytes of code of each kind of layer, and of what all nets have: GCC 12 for a Cortex-M0 with -Os, rounded up.
CODE = {
    "CONVOLVE": 210,
    "DEPTHWISE": 230,
    "SEPARABLE": 400,
    "MAXIMUM": 190,
    "AVERAGE": 220,
    "DENSE": 230,
    "MEAN": 200,
}
COMMON, DOT, PADDING = 400, 300, 230
# The same of passing on what a layer made that saw the whole map.
BETWEEN = 130
# Code of float arithmetic, which a Cortex-M0 has none of and takes from the compiler's library.
FLOAT_LIBRARY = 2_200
# Bytes of a row of the table of layers, on a processor of 32 bits.
LAYER = 64


@dataclass(frozen=True)
class Size:
    """Bytes: `flash` of code and constants, `ram` of what is kept between calls; the stack is apart."""

    flash: int
    ram: int


def size_of(program: Program) -> Size:
    """Returns what a program needs: constants and RAM to the byte, code as measured for each kind of layer."""
    return Size(flash=constants(program) + code(program), ram=ram(program))


def constants(program: Program) -> int:
    tables = sum(weight_bytes(each, program.int8) for unit in program.units for each in (unit.own, unit.inner) if each)
    return tables + LAYER * len(program.units)


def weight_bytes(weights: Weights, int8: bool) -> int:
    outputs = weights.biases.size
    if not int8:
        return 4 * (weights.weights.size + outputs)
    return weights.weights.size + 2 * outputs + (outputs if weights.shifts is not None else 0)


def code(program: Program) -> int:
    kinds = sum(CODE[kind] for kind in program.kinds)
    dot = DOT if {"CONVOLVE", "SEPARABLE"} & set(program.kinds) else 0
    between = BETWEEN if program.passes_whole else 0
    return COMMON + kinds + dot + between + (PADDING if program.padded else 0) + (0 if program.int8 else FLOAT_LIBRARY)


def ram(program: Program) -> int:
    units = program.units
    values = program.memory.size * (1 if program.int8 else 4)
    totals = 4 * max((unit.output_shape[2] for unit in units if unit.kind == "DENSE"), default=0)
    means = [unit for unit in units if unit.kind == "MEAN"]
    small = program.int8 and all(prod(unit.input_shape[:2]) <= SMALL_AREA for unit in means)
    sums = (2 if small else 4) * max((unit.input_shape[2] for unit in means), default=0)
    return sum(-(-array // 4) * 4 for array in (values, totals, sums, len(units)))  # arrays begin at words


def refuse_large(size: Size, max_flash: int | None, max_ram: int | None) -> None:
    """Raises OutputError if a program needs more than it may."""
    for name, needed, limit in (("flash", size.flash, max_flash), ("RAM", size.ram, max_ram)):
        if limit is not None and needed > limit:
            raise OutputError(
                "export",
                found=f"{needed:,} bytes of {name}",
                expected=f"at most {limit:,}",
                fix="Export a smaller net; int8 needs less than float32.",
            )
