"""The functions of an emitted C file: what is called, in which order, on which arrays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import prod

from tinydigits.engine import layout
from tinydigits.engine.declarations import as_map, c_float, gradient_of, remembers, spreads
from tinydigits.engine.plan import Plan
from tinydigits.engine.steps import Convolution, Drop, InPlace, Maker, Normalization, Pooling, Product, Rectify, Step
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
    if len(parts) <= 1:
        return [line for part in parts for line in part]
    lines = [f"switch ({subject}) {{"]
    for number, part in enumerate(parts):
        lines += [f"case {number}:", *(f"    {line}" for line in part), "    break;"]
    return [*lines, "}"]


def forward(plan: Plan) -> str:
    """Part 0 goes to the first normalisation's input, each further part from a normalisation to the next one's input."""
    parts = [[forward_step(plan, step) for step in part] for part in layout.parts(plan)]
    head = "void forward(int part, Values *v, Scratch *s, const float *w, const Moments *m, bool dropout)"
    return function(head, cases("part", parts))


def measure(plan: Plan) -> str:
    """The sums that a normalisation needs over the whole batch: of its input, and of its output's gradient."""
    lines = [measures(plan, step) for step in plan.norms]
    inputs = function("void measure(int norm, Values *v, const float *w)", cases("norm", [[x] for x, _ in lines]))
    head = "void measure_gradient(int norm, Values *v, const Moments *m, float *g)"
    return "\n\n".join((inputs, function(head, cases("norm", [[dy] for _, dy in lines]))))


def measures(plan: Plan, step: Normalization) -> tuple[str, str]:
    there, x, dy = step.source + 1, values_of(plan, step.source), gradient(plan, step.source + 1)
    inputs = f"norm_sums(n{there}, {x}, w, v->real, &v->inputs);"
    if step.pooling is None:
        return inputs, f"norm_gradient_sums(n{there}, {x}, {dy}, m, &v->gradients, g);"
    marks = layout.marks(plan, there)
    return inputs, f"norm_pool_gradient_sums(n{there}, p{there}, {x}, {dy}, {marks}, m, &v->gradients, g);"


def forward_step(plan: Plan, step: Step) -> str:
    return forward_maker(plan, step) if isinstance(step, Maker) else forward_in_place(plan, step)


def forward_maker(plan: Plan, step: Maker) -> str:
    """The call that fills the area after `step`."""
    here, there = step.source, step.source + 1
    x, y = values_of(plan, here, bordered=isinstance(step, Convolution)), values_of(plan, there)
    marks = layout.marks(plan, there)
    match step:
        case Convolution(pooling=None):
            kernel = "depthwise" if step.depthwise else "conv"
            return f"{kernel}_forward(c{there}, {x}, {weights_of(step)}, {c_float(step.slope)}, {y});"
        case Convolution():
            return f"conv_pool_forward(c{there}, p{there}, {x}, {weights_of(step)}, {y}, {marks});"
        case Pooling(average=True):
            return f"average_forward(p{there}, {x}, {y});"
        case Pooling():
            return f"max_pool_forward(p{there}, {x}, {y}, {marks});"
        case Normalization(pooling=None):
            return f"norm_forward(n{there}, {x}, w, m, {c_float(step.slope)}, {y});"
        case Normalization():
            return f"norm_pool_forward(n{there}, p{there}, {x}, w, m, {y}, {marks});"
        case Product():
            x, y = layout.x(plan, here), layout.x(plan, there)
            return f"dense_forward(f{there}, {x}, {weights_of(step)}, {c_float(step.slope)}, {y});"


def forward_in_place(plan: Plan, step: InPlace) -> str:
    where = f"{size_of(plan, step.source)}, {values_of(plan, step.source)}"
    match step:
        case Rectify():
            return f"rectify_forward({where}, {c_float(step.slope)});"
        case Drop():
            bits, threshold = drawn(step.rate)
            kept = layout.choices(plan, step.source, step.index) if remembers(plan, step) else "0"
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
    z = layout.x(plan, len(plan.areas) - 1)
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
    return function("V answer_of(Values *v, Scratch *s)", lines)


def loss_gradient(plan: Plan) -> str:
    """p → dz."""
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
    """Part 0 goes from the end to the last normalisation's output, each further part from one to the one before it."""
    last, parts = len(plan.norms), [backward_part(plan, part) for part in reversed(layout.parts(plan))]
    for back, lines in enumerate(parts[1:], start=1):
        norm = plan.norms[last - back]
        again = [forward_step(plan, step) for step in layout.made_again(plan, last - back)]
        if plan.trained_before(norm.source):
            lines[:0] = [*again, input_gradient(plan, norm), *dropouts_back(plan, norm.source)]
    head = "void backward(int part, Values *v, Scratch *s, const float *w, const Moments *m, float *g, bool dropout)"
    return function(head, cases("part", parts))


def backward_part(plan: Plan, steps: Sequence[Step]) -> list[str]:
    """Back through the steps of a part, to the output of the normalisation that it begins with."""
    makers = (step for step in reversed(steps) if isinstance(step, Maker) and not isinstance(step, Normalization))
    return [line for step in makers if plan.trained_before(step.source + 1) for line in backward_maker(plan, step)]


def backward_maker(plan: Plan, step: Maker) -> list[str]:
    """Gradients of the step's weights, then of its input, then back through what worked in place on that input."""
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
    """A convolution's weight gradients; where its gradient is needed spread out, that too."""
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
    """How a gradient passes back through ReLU and dropout on `area`, as the kernels' Gate."""
    slope = plan.slope(area)
    drops = [step for step in plan.in_place(area) if isinstance(step, Drop) and not remembers(plan, step)]
    scale = prod(step.scale for step in drops)
    return f"(Gate){{{c_float(slope)}, {'1' if scale == 1 else f'dropout ? {c_float(scale)} : 1'}}}"


def dropouts_back(plan: Plan, area: int) -> list[str]:
    """Back through the dropouts on an area without ReLU."""
    where = f"{size_of(plan, area)}, {gradient(plan, area)}"
    drops = [step for step in reversed(plan.in_place(area)) if isinstance(step, Drop) and remembers(plan, step)]
    kept = {drop.index: layout.choices(plan, area, drop.index) for drop in drops}
    return [f"if (dropout) dropout_gradient({where}, {c_float(drop.scale)}, {kept[drop.index]});" for drop in drops]


def update(plan: Plan) -> str:
    """The optimiser's rule, by the name that the driver calls."""
    return f"#define update {plan.rule}"


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
