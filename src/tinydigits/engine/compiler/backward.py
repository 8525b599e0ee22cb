"""Writes the C functions of the backward pass: gradients, and the rule of the optimiser."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from tinydigits.engine.compiler import layout
from tinydigits.engine.compiler.declarations import as_map, c_float, remembers, spreads
from tinydigits.engine.compiler.expressions import cases, function, gradient, gradients_of, size_of, values_of
from tinydigits.engine.compiler.forward import forward_step
from tinydigits.engine.compiler.plan import Plan
from tinydigits.engine.compiler.steps import Convolution, Drop, Maker, Normalization, Pooling, Product, Step


def loss_gradient(plan: Plan) -> str:
    """Writes `loss_gradient`, which computes the gradient dz of the output from the answers p."""
    last = len(plan.areas) - 1
    z, dz = layout.x(plan, last), layout.d(plan, last)
    match plan.loss, plan.softmax:
        case "mean_squared_error", False:
            lines = [f"squared_error_gradient(CLASSES, v->p, v->t, weight, {dz});"]
        case "mean_squared_error", True:
            lines = [
                "V dp[CLASSES];",
                "squared_error_gradient(CLASSES, v->p, v->t, weight, dp);",
                f"softmax_gradient(CLASSES, v->p, dp, {dz});",
            ]
        case "cross_entropy", True:
            lines = [f"cross_entropy_gradient(CLASSES, v->p, v->t, weight, {dz});"]
        case _:
            lines = [
                "V q[CLASSES];",
                f"softmax(CLASSES, {z}, q);",
                f"cross_entropy_gradient(CLASSES, q, v->t, weight, {dz});",
            ]
    return function("void loss_gradient(Values *v, Scratch *s, V weight)", lines)


def backward(plan: Plan) -> str:
    """Writes `backward`. Part 0 ends at the output of the last normalisation, each further part at the one before."""
    last, parts = len(plan.norms), [backward_part(plan, part) for part in reversed(layout.parts(plan))]
    for back, lines in enumerate(parts[1:], start=1):
        norm = plan.norms[last - back]
        again = [forward_step(plan, step) for step in layout.made_again(plan, last - back)]
        if plan.trained_before(norm.source):
            lines[:0] = [*again, input_gradient(plan, norm), *dropouts_back(plan, norm.source)]
    head = "void backward(int part, Values *v, Scratch *s, const float *w, const Moments *m, float *g, bool dropout)"
    return function(head, cases("part", parts))


def backward_part(plan: Plan, steps: Sequence[Step]) -> list[str]:
    """Writes the backward pass of a part, up to the output of the normalisation at its beginning."""
    makers = (step for step in reversed(steps) if isinstance(step, Maker) and not isinstance(step, Normalization))
    return [line for step in makers if plan.trained_before(step.source + 1) for line in backward_maker(plan, step)]


def backward_maker(plan: Plan, step: Maker) -> list[str]:
    """Writes the gradients of a step's weights, then of its input, then of the dropouts on that input."""
    lines = weight_gradient(plan, step)
    if plan.trained_before(step.source):
        lines += [input_gradient(plan, step), *dropouts_back(plan, step.source)]
    return lines


def weight_gradient(plan: Plan, step: Maker) -> list[str]:
    here, there = step.source, step.source + 1
    match step:
        case Convolution():
            return conv_weight_gradient(plan, step)
        case Product():
            x, dy = layout.x(plan, here), layout.d(plan, there)
            return [f"dense_weight_gradient(f{there}, {x}, {dy}, {gradients_of(step)});"]
        case Pooling() | Normalization():
            return []


def conv_weight_gradient(plan: Plan, step: Convolution) -> list[str]:
    """Writes the weight gradients of a convolution and, if needed, its gradient spread out."""
    there, x, dy = step.source + 1, values_of(plan, step.source, bordered=True), gradient(plan, step.source + 1)
    spread, marks = as_map(layout.spread(plan, there), plan.spread(step)), layout.marks(plan, there)
    kernel = "depthwise" if step.depthwise else "conv"
    if step.pooling is None:
        lines = [f"{kernel}_weight_gradient(c{there}, {x}, {dy}, {gradients_of(step)});"]
        return [*lines, f"dilate_gradient(c{there}, {dy}, {spread});"] if spreads(plan, step) else lines
    if not spreads(plan, step):
        return [f"conv_pool_weight_gradient(c{there}, p{there}, {x}, {dy}, {marks}, {gradients_of(step)});"]
    return [
        f"spread_gradient(p{there}, {dy}, {marks}, {spread});",
        f"conv_weight_gradient(c{there}, {x}, {spread}, {gradients_of(step)});",
    ]


def input_gradient(plan: Plan, step: Maker) -> str:
    here, there = step.source, step.source + 1
    area, x, dx, dy = plan.areas[here], values_of(plan, here), gradient(plan, here), gradient(plan, there)
    gate, marks = gate_of(plan, here), layout.marks(plan, there)
    match step:
        case Convolution():
            name = layout.spread(plan, there) if spreads(plan, step) else layout.d(plan, there)
            dy = as_map(name, plan.spread(step), bordered=True)
            kernel, call = f"w + {step.kernel.offset}", "depthwise" if step.depthwise else "conv"
            return f"{call}_input_gradient(c{there}, {dy}, {kernel}, {x}, {gate}, {dx}, {area.rows}, {area.columns});"
        case Product():
            arrays = f"{layout.d(plan, there)}, w + {step.kernel.offset}, {layout.x(plan, here)}"
            return f"dense_input_gradient(f{there}, {arrays}, {gate}, {dx}, {size_of(plan, here)});"
        case Pooling(average=True):
            return f"average_input_gradient(p{there}, {dy}, {x}, {gate}, {dx});"
        case Pooling():
            return f"max_pool_input_gradient(p{there}, {dy}, {marks}, {x}, {gate}, {dx});"
        case Normalization(pooling=None):
            return f"norm_input_gradient(n{there}, {x}, {dy}, w, m, v->real, {gate}, {dx});"
        case Normalization():
            return f"norm_pool_input_gradient(n{there}, p{there}, {x}, {dy}, {marks}, w, m, v->real, {gate}, {dx});"


def gate_of(plan: Plan, area: int) -> str:
    """Writes the `Gate` of `area`: how gradients pass through ReLU and dropout."""
    slope = plan.slope(area)
    drops = [step for step in plan.in_place(area) if isinstance(step, Drop) and not remembers(plan, step)]
    scale = prod(step.scale for step in drops)
    return f"(Gate){{{c_float(slope)}, {'1' if scale == 1 else f'dropout ? {c_float(scale)} : 1'}}}"


def dropouts_back(plan: Plan, area: int) -> list[str]:
    """Writes the backward pass of dropouts on an area without ReLU."""
    where = f"{size_of(plan, area)}, {gradient(plan, area)}"
    drops = [step for step in reversed(plan.in_place(area)) if isinstance(step, Drop) and remembers(plan, step)]
    kept = {drop.index: layout.choices(plan, area, drop.index) for drop in drops}
    return [f"if (dropout) dropout_gradient({where}, {c_float(drop.scale)}, {kept[drop.index]});" for drop in drops]


def update(plan: Plan) -> str:
    """Writes the definition of `update`, the rule of the optimiser."""
    return f"#define update {plan.rule}"
