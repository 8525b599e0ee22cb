"""Plan → C: a short file that calls the kernels with every size written out, so that the compiler can unroll."""

from __future__ import annotations

from tinydigits.engine.compiler.backward import backward, loss_gradient, update
from tinydigits.engine.compiler.declarations import prepare, shapes, sizes, values
from tinydigits.engine.compiler.forward import answer, forward, measure
from tinydigits.engine.compiler.plan import Plan

KERNELS = ("activation", "dense", "depthwise", "images", "loss", "normalization", "optimizer", "pooling")


def emit(plan: Plan) -> str:
    """The C file that trains and runs `plan`; it includes the kernels' headers."""
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
        f"// A net for images of {image.rows}×{image.columns}×{image.channels} with {plan.classes} answers: "
        "how to train it and how to run it.\n"
        "// Written by tinydigits/engine/emit.py; the kernels that it calls explain themselves."
    )
