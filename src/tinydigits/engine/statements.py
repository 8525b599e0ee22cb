"""The functions of an emitted C file: what is called, in which order, on which arrays."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from math import prod

from tinydigits.engine.declarations import as_map, gradient_of, remembers, spreads
from tinydigits.engine.plan import Convolution, Drop, InPlace, Maker, Plan, Pooling, Product, Rectify
from tinydigits.engine.weights import Slot

# A dropout draws 1, 2, 4, 8 or 16 random bits a value: the fewest that give its rate exactly, or else 16.
DRAWN_BITS = (1, 2, 4, 8, 16)


def function(signature: str, lines: Iterable[str]) -> str:
    """A C function; arguments that its lines do not use are named, so that no compiler warns of them."""
    body = list(lines)
    arguments = re.findall(r"(\w+)[,)]", signature)
    unused = [f"(void){name};" for name in arguments if not re.search(rf"\b{name}\b", "\n".join(body))]
    return "\n".join([f"ONCE {signature} {{", *(f"    {line}" for line in unused + body), "}"])


def forward(plan: Plan) -> str:
    lines = (
        forward_maker(plan, step) if isinstance(step, Maker) else forward_in_place(plan, step) for step in plan.steps
    )
    return function("void forward(Values *v, const float *w, bool dropout)", lines)


def forward_maker(plan: Plan, step: Maker) -> str:
    """The call that fills the area after `step`."""
    here, there = step.source, step.source + 1
    x = as_map(f"x{here}", plan.areas[here], bordered=True)
    y = as_map(f"x{there}", plan.areas[there])
    match step:
        case Convolution(pooling=None):
            return f"conv_forward(c{there}, {x}, {weights_of(step)}, {c_bool(step.rectify)}, {y});"
        case Convolution():
            return f"conv_pool_forward(c{there}, p{there}, {x}, {weights_of(step)}, {y}, v->m{there});"
        case Pooling():
            return f"max_pool_forward(p{there}, {x}, {y}, v->m{there});"
        case Product():
            return f"dense_forward(f{there}, v->x{here}, {weights_of(step)}, {c_bool(step.rectify)}, v->x{there});"


def forward_in_place(plan: Plan, step: InPlace) -> str:
    area = plan.areas[step.source]
    where = f"{size_of(plan, step.source)}, {as_map(f'x{step.source}', area)}"
    match step:
        case Rectify():
            return f"relu_forward({where});"
        case Drop():
            bits, threshold = drawn(step.rate)
            kept = f"v->k{step.index}" if remembers(plan, step) else "0"
            return (
                f"if (dropout) dropout_forward({where}, v->keys[{step.index}], {bits}, {threshold}, "
                f"{c_float(step.scale)}, {kept});"
            )


def drawn(rate: float) -> tuple[int, int]:
    """(bits to draw, threshold): a value is dropped where its bits are below the threshold."""
    bits = next((bits for bits in DRAWN_BITS if (Fraction(rate) * 2**bits).denominator == 1), DRAWN_BITS[-1])
    return bits, round(rate * 2**bits)


def answer(plan: Plan) -> str:
    """z → p, and the loss."""
    z = f"v->x{len(plan.areas) - 1}"
    copy, error = f"memcpy(v->p, {z}, sizeof v->p);", "return squared_error(CLASSES, v->p, v->t);"
    entropy = f"return cross_entropy(CLASSES, {z}, v->t, log_sum);"
    match plan.loss, plan.softmax:
        case "mean_squared_error", True:
            lines = [f"softmax(CLASSES, {z}, v->p);", error]
        case "mean_squared_error", False:
            lines = [copy, error]
        case "cross_entropy", True:
            lines = [f"V log_sum = softmax(CLASSES, {z}, v->p);", entropy]
        case _:
            lines = [copy, "V q[CLASSES];", f"V log_sum = softmax(CLASSES, {z}, q);", entropy]
    return function("V answer_of(Values *v)", lines)


def loss_gradient(plan: Plan) -> str:
    """p → dz."""
    last = len(plan.areas) - 1
    z, dz = f"v->x{last}", f"v->d{last}"
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
    return function("void loss_gradient(Values *v, V weight)", lines)


def backward(plan: Plan) -> str:
    makers = (step for step in reversed(plan.steps) if isinstance(step, Maker))
    lines = (line for step in makers if plan.trained_before(step.source + 1) for line in backward_maker(plan, step))
    return function("void backward(Values *v, const float *w, float *g, bool dropout)", lines)


def backward_maker(plan: Plan, step: Maker) -> list[str]:
    """Gradients of the step's weights, then of its input, then back through what worked in place on that input."""
    lines = weight_gradient(plan, step)
    if plan.trained_before(step.source):
        lines += [input_gradient(plan, step), *dropouts_back(plan, step.source)]
    return lines


def weight_gradient(plan: Plan, step: Maker) -> list[str]:
    here, there = step.source, step.source + 1
    x = as_map(f"x{here}", plan.areas[here], bordered=True)
    match step:
        case Convolution(pooling=None):
            dy = as_map(f"d{there}", gradient_of(plan, there))
            return [f"conv_weight_gradient(c{there}, {x}, {dy}, {gradients_of(step)});"]
        case Convolution() if not spreads(plan, step):
            dy = as_map(f"d{there}", gradient_of(plan, there))
            return [f"conv_pool_weight_gradient(c{there}, p{there}, {x}, {dy}, v->m{there}, {gradients_of(step)});"]
        case Convolution():
            dy, spread = as_map(f"d{there}", gradient_of(plan, there)), as_map(f"s{there}", plan.gradient_area(step))
            return [
                f"spread_gradient(p{there}, {dy}, v->m{there}, {spread});",
                f"conv_weight_gradient(c{there}, {x}, {spread}, {gradients_of(step)});",
            ]
        case Product():
            return [f"dense_weight_gradient(f{there}, v->x{here}, v->d{there}, {gradients_of(step)});"]
        case Pooling():
            return []


def input_gradient(plan: Plan, step: Maker) -> str:
    here, there = step.source, step.source + 1
    area = plan.areas[here]
    x, dx = as_map(f"x{here}", area), as_map(f"d{here}", gradient_of(plan, here))
    gate = gate_of(plan, here)
    match step:
        case Convolution():
            name = f"d{there}" if step.pooling is None else f"s{there}"
            dy = as_map(name, plan.gradient_area(step), bordered=True)
            kernel = f"w + {step.kernel.offset}"
            return f"conv_input_gradient(c{there}, {dy}, {kernel}, {x}, {gate}, {dx}, {area.rows}, {area.columns});"
        case Product():
            kernel, size = f"w + {step.kernel.offset}", size_of(plan, here)
            return f"dense_input_gradient(f{there}, v->d{there}, {kernel}, v->x{here}, {gate}, {dx}, {size});"
        case Pooling():
            dy = as_map(f"d{there}", gradient_of(plan, there))
            return f"max_pool_input_gradient(p{there}, {dy}, v->m{there}, {x}, {gate}, {dx});"


def gate_of(plan: Plan, area: int) -> str:
    """How a gradient passes back through ReLU and dropout on `area`, as the kernels' Gate."""
    if not plan.rectified(area):
        return "(Gate){false, 1}"
    scale = prod(step.scale for step in plan.in_place(area) if isinstance(step, Drop))
    return "(Gate){true, 1}" if scale == 1 else f"(Gate){{true, dropout ? {c_float(scale)} : 1}}"


def dropouts_back(plan: Plan, area: int) -> list[str]:
    """Back through the dropouts on an area without ReLU."""
    where = f"{size_of(plan, area)}, {as_map(f'd{area}', gradient_of(plan, area))}"
    drops = [step for step in reversed(plan.in_place(area)) if isinstance(step, Drop) and remembers(plan, step)]
    return [f"if (dropout) dropout_gradient({where}, {c_float(drop.scale)}, v->k{drop.index});" for drop in drops]


def update(plan: Plan) -> str:
    """The optimiser's rule, by the name that the driver calls."""
    return f"#define update {plan.rule}"


def size_of(plan: Plan, area: int) -> str:
    shape = plan.areas[area]
    return f"(Size){{{shape.channels}, {shape.rows}, {shape.columns}}}"


def weights_of(step: Convolution | Product) -> str:
    return f"{at('w', step.kernel)}, {at('w', step.bias)}"


def gradients_of(step: Convolution | Product) -> str:
    return f"{at('g', step.kernel)}, {at('g', step.bias)}"


def at(array: str, slot: Slot | None) -> str:
    return "0" if slot is None else f"{array} + {slot.offset}"


def c_bool(value: bool) -> str:
    return "true" if value else "false"


def c_float(value: float) -> str:
    return f"{value!r}f"
