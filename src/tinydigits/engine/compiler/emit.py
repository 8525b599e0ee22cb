"""Writes a plan as a short C file. It calls the kernels with literal sizes, so that the compiler can unroll loops."""

from __future__ import annotations

from tinydigits.engine.compiler.backward import backward, loss_gradient, update
from tinydigits.engine.compiler.declarations import prepare, shapes, sizes, values
from tinydigits.engine.compiler.forward import answer, forward, measure
from tinydigits.engine.compiler.plan import Plan

# Headers that every file includes.
KERNELS = ("activation", "dense", "depthwise", "images", "loss", "normalization", "optimizer", "pooling")


def emit(plan: Plan) -> str:
    """Writes the C file that trains and runs `plan`; it includes the headers of the kernels."""
    parts = (
        heading(plan),
        sizes(plan),
        "\n".join(f'#include "{kernel}.h"' for kernel in KERNELS),
        values(plan),
        shapes(plan),
        prepare(plan.areas[0]),
        forward(plan),
        measure(plan),
        answer(plan),
        loss_gradient(plan),
        backward(plan),
        update(plan),
        '#include "program.h"\n',
    )
    return "\n\n".join(parts)


def heading(plan: Plan) -> str:
    image = plan.areas[0]
    return (
        f"// Trains and runs a net for images of {image.rows}×{image.columns}×{image.channels} "
        f"with {plan.classes} classes.\n"
        "// Written by tinydigits/engine/compiler/emit.py; the headers document the kernels."
    )
