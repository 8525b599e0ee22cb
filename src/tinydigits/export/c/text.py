"""Python numbers as C text."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH = 116


def array(kind: str, name: str, numbers: NDArray[Any], comment: str) -> str:
    """Returns a constant array with a comment."""
    lines = textwrap.fill(", ".join(map(number, numbers.ravel())), WIDTH, break_on_hyphens=False)
    return (
        f"/* {comment} */\nstatic const {kind} {name}[{numbers.size}] TABLE = {{\n{textwrap.indent(lines, '    ')}}};\n"
    )


def number(value: Any) -> str:
    """Returns a whole number, or a float32 that reads back as the same bits."""
    if isinstance(value, int | np.integer):
        return str(value)
    text = np.format_float_positional(np.float32(value), unique=True, trim="0")
    if len(text) > 15:
        text = np.format_float_scientific(np.float32(value), unique=True, trim="0")
    return f"{text}f"
