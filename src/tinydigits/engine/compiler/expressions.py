"""Writes pieces of C for the forward and the backward pass: functions, arrays and positions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tinydigits.engine.compiler import layout
from tinydigits.engine.compiler.declarations import as_map, gradient_of
from tinydigits.engine.compiler.plan import Plan
from tinydigits.engine.compiler.steps import Convolution, Product
from tinydigits.engine.compiler.weights import Slot


def function(signature: str, lines: Iterable[str]) -> str:
    """Writes a C function; unused arguments are cast to void, so that no compiler warns about them."""
    body = list(lines)
    arguments = re.findall(r"(\w+)[,)]", signature)
    unused = [f"(void){name};" for name in arguments if not re.search(rf"\b{name}\b", "\n".join(body))]
    return "\n".join([f"ONCE {signature} {{", *(f"    {line}" for line in unused + body), "}"])


def cases(subject: str, parts: Sequence[Sequence[str]]) -> list[str]:
    """Writes a switch over parts; a single part needs no switch."""
    if len(parts) <= 1:
        return [line for part in parts for line in part]
    lines = [f"switch ({subject}) {{"]
    for number, part in enumerate(parts):
        lines += [f"case {number}:", *(f"    {line}" for line in part), "    break;"]
    return [*lines, "}"]


def values_of(plan: Plan, area: int, *, bordered: bool = False) -> str:
    return as_map(layout.x(plan, area), plan.areas[area], bordered=bordered)


def gradient(plan: Plan, area: int) -> str:
    return as_map(layout.d(plan, area), gradient_of(plan, area))


def size_of(plan: Plan, area: int) -> str:
    shape = plan.areas[area]
    return f"(Size){{{shape.channels}, {shape.rows}, {shape.columns}}}"


def weights_of(step: Convolution | Product) -> str:
    return f"{at('w', step.kernel)}, {at('w', step.bias)}"


def gradients_of(step: Convolution | Product) -> str:
    return f"{at('g', step.kernel)}, {at('g', step.bias)}"


def at(array: str, slot: Slot | None) -> str:
    return "0" if slot is None else f"{array} + {slot.offset}"
