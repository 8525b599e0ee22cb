"""The functions of an emitted C file: what is called, in which order, on which arrays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import prod

from tinydigits.engine.declarations import as_map, c_float, gradient_of, remembers, spreads
from tinydigits.engine.plan import Plan
from tinydigits.engine.steps import Convolution, Drop, InPlace, Maker, Normalization, Pooling, Product, Rectify
from tinydigits.engine.weights import Slot

# A dropout draws 1, 2, 4, 8 or 16 random bits a value: the fewest that give its rate exactly, or else 16.
DRAWN_BITS = (1, 2, 4, 8, 16)


def function(signature: str, lines: Iterable[str]) -> str:
    """A C function; arguments that its lines do not use are named, so that no compiler warns of them."""
    body = list(lines)
    arguments = re.findall(r"(\w+)[,)]", signature)
    unused = [f"(void){name};" for name in arguments if not re.search(rf"\b{name}\b", "\n".join(body))]
    return "\n".join([f"ONCE {signature} {{", *(f"    {line}" for line in unused + body), "}"])


def cases(subject: str, parts: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a switch over the parts of something; a single part needs none."""
    if len(parts) == 1:
        return list(parts[0])
    lines = [f"switch ({subject}) {{"]
    for number, part in enumerate(parts):
        lines += [f"case {number}:", *(f"    {line}" for line in part), "    break;"]
    return [*lines, "}"]


def forward(plan: Plan) -> str:
    """Part 0 goes to the first normalisation's input, each further part from a normalisation to the next one's input."""
    parts: list[list[str]] = [[]]
    for step in plan.steps:
        if isinstance(step, Normalization):
            parts.append([])
        parts[-1].append(forward_maker(plan, step) if isinstance(step, Maker) else forward_in_place(plan, step))
    return function(
        "void forward(int part, Values *v, const float *w, const Moments *m, bool dropout)", cases("part", parts)
    )


def measure(plan: Plan) -> str:
    """The sums that a normalisation needs over the whole batch, of its input and of its output's gradient."""
    inputs, gradients = [], []
    for step in plan.norms:
        here, there = step.source, step.source + 1
        x, dy = as_map(f"x{here}", plan.areas[here]), as_map(f"d{there}", gradient_of(plan, there))
        inputs.append([f"norm_sums(n{there}, {x}, w, v->real, &v->channels);"])
        gradients.append([f"norm_gradient_sums(n{there}, {x}, {dy}, m, &v->channels, g);"])
    head = "void measure(int norm, Values *v, const float *w)"
    back = "void measure_gradient(int norm, Values *v, const Moments *m, float *g)"
    return "\n\n".join(
        (function(head, cases("norm", inputs or [[]])), function(back, cases("norm", gradients or [[]])))
    )


def forward_maker(plan: Plan, step: Maker) -> str:
    """The call that fills the area after `step`."""
    here, there = step.source, step.source + 1
    x = as_map(f"x{here}", plan.areas[here], bordered=isinstance(step, Convolution))
    y = as_map(f"x{there}", plan.areas[there])
    match step:
        case Convolution(pooling=None):
            kernel = "depthwise" if step.depthwise else "conv"
            return f"{kernel}_forward(c{there}, {x}, {weights_of(step)}, {c_float(step.slope)}, {y});"
        case Convolution():
            return f"conv_pool_forward(c{there}, p{there}, {x}, {weights_of(step)}, {y}, v->m{there});"
        case Pooling(average=True):
            return f"average_forward(p{there}, {x}, {y});"
        case Pooling():
            return f"max_pool_forward(p{there}, {x}, {y}, v->m{there});"
        case Normalization():
            return f"norm_forward(n{there}, {x}, w, m, {c_float(step.slope)}, {y});"
        case Product():
            return f"dense_forward(f{there}, v->x{here}, {weights_of(step)}, {c_float(step.slope)}, v->x{there});"


def forward_in_place(plan: Plan, step: InPlace) -> str:
    area = plan.areas[step.source]
    where = f"{size_of(plan, step.source)}, {as_map(f'x{step.source}', area)}"
    match step:
        case Rectify():
            return f"rectify_forward({where}, {c_float(step.slope)});"
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
    """Part 0 goes from the end to the last normalisation's output, each further part from one to the one before it."""
    parts: list[list[str]] = [[]]
    for step in reversed(plan.steps):
        if isinstance(step, Normalization):
            parts.append([])
        if isinstance(step, Maker) and plan.trained_before(step.source + 1):
            parts[-1] += backward_maker(plan, step)
    head = "void backward(int part, Values *v, const float *w, const Moments *m, float *g, bool dropout)"
    return function(head, cases("part", parts))


def backward_maker(plan: Plan, step: Maker) -> list[str]:
    """Gradients of the step's weights, then of its input, then back through what worked in place on that input."""
    lines = weight_gradient(plan, step)
    if plan.trained_before(step.source):
        lines += [input_gradient(plan, step), *dropouts_back(plan, step.source)]
    return lines


def weight_gradient(plan: Plan, step: Maker) -> list[str]:
    here, there = step.source, step.source + 1
    dy = as_map(f"d{there}", gradient_of(plan, there))
    match step:
        case Convolution():
            return conv_weight_gradient(plan, step, dy)
        case Product():
            return [f"dense_weight_gradient(f{there}, v->x{here}, v->d{there}, {gradients_of(step)});"]
        case Pooling() | Normalization():
            return []


def conv_weight_gradient(plan: Plan, step: Convolution, dy: str) -> list[str]:
    """A convolution's weight gradients; where its gradient is needed spread out, that too."""
    here, there = step.source, step.source + 1
    x = as_map(f"x{here}", plan.areas[here], bordered=True)
    spread = as_map(f"s{there}", plan.spread(step))
    kernel = "depthwise" if step.depthwise else "conv"
    if step.pooling is None:
        lines = [f"{kernel}_weight_gradient(c{there}, {x}, {dy}, {gradients_of(step)});"]
        return [*lines, f"dilate_gradient(c{there}, {dy}, {spread});"] if spreads(plan, step) else lines
    if not spreads(plan, step):
        return [f"conv_pool_weight_gradient(c{there}, p{there}, {x}, {dy}, v->m{there}, {gradients_of(step)});"]
    return [
        f"spread_gradient(p{there}, {dy}, v->m{there}, {spread});",
        f"conv_weight_gradient(c{there}, {x}, {spread}, {gradients_of(step)});",
    ]


def input_gradient(plan: Plan, step: Maker) -> str:
    here, there = step.source, step.source + 1
    area = plan.areas[here]
    x, dx = as_map(f"x{here}", area), as_map(f"d{here}", gradient_of(plan, here))
    dy = as_map(f"d{there}", gradient_of(plan, there))
    gate = gate_of(plan, here)
    match step:
        case Convolution():
            name = f"s{there}" if spreads(plan, step) else f"d{there}"
            dy = as_map(name, plan.spread(step), bordered=True)
            kernel, call = f"w + {step.kernel.offset}", "depthwise" if step.depthwise else "conv"
            return f"{call}_input_gradient(c{there}, {dy}, {kernel}, {x}, {gate}, {dx}, {area.rows}, {area.columns});"
        case Product():
            kernel, size = f"w + {step.kernel.offset}", size_of(plan, here)
            return f"dense_input_gradient(f{there}, v->d{there}, {kernel}, v->x{here}, {gate}, {dx}, {size});"
        case Pooling(average=True):
            return f"average_input_gradient(p{there}, {dy}, {x}, {gate}, {dx});"
        case Pooling():
            return f"max_pool_input_gradient(p{there}, {dy}, v->m{there}, {x}, {gate}, {dx});"
        case Normalization():
            return f"norm_input_gradient(n{there}, {x}, {dy}, w, m, v->real, {gate}, {dx});"


def gate_of(plan: Plan, area: int) -> str:
    """How a gradient passes back through ReLU and dropout on `area`, as the kernels' Gate."""
    slope = plan.slope(area)
    drops = [step for step in plan.in_place(area) if isinstance(step, Drop) and not remembers(plan, step)]
    scale = prod(step.scale for step in drops)
    return f"(Gate){{{c_float(slope)}, {'1' if scale == 1 else f'dropout ? {c_float(scale)} : 1'}}}"


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
