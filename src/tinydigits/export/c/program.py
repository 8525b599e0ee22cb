"""A net that is ready to be written as C."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

from tinydigits.export.c.memory import Memory, laid_out
from tinydigits.export.c.units import Unit
from tinydigits.network.layers import Shape

# In the order in which their functions stand in the file.
KINDS = ("CONVOLVE", "DEPTHWISE", "SEPARABLE", "MAXIMUM", "AVERAGE", "DENSE", "MEAN")
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
    def passes_whole(self) -> bool:
        """Whether outputs of a layer that needs the whole map are passed on; also said of a net of one layer."""
        return any(unit.whole for unit in self.units[:-1]) or len(self.units) == 1

    @property
    def padded(self) -> bool:
        return any(unit.padded for unit in self.units)


def image_size(shape: Shape) -> tuple[int, int]:
    """Returns rows, and values in a row."""
    return shape[0], prod(shape[1:])


def most_channels(units: tuple[Unit, ...]) -> int:
    return max((unit.input_shape[2] for unit in units if unit.kind == "SEPARABLE"), default=1)


def most_taps(units: tuple[Unit, ...]) -> int:
    """Returns the most values in a window of a convolution."""
    taps = (prod(unit.window) * unit.input_shape[2] for unit in units if unit.kind == "CONVOLVE")
    return max(taps, default=1)


def score_type(program: Program) -> str:
    return "int32_t" if program.int8 else "float"
