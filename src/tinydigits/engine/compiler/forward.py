"""Writes the C functions of the forward pass."""

from __future__ import annotations

from fractions import Fraction

from tinydigits.engine.compiler import layout
from tinydigits.engine.compiler.declarations import c_float, remembers
from tinydigits.engine.compiler.expressions import cases, function, gradient, size_of, values_of, weights_of
from tinydigits.engine.compiler.plan import Plan
from tinydigits.engine.compiler.steps import (
    Convolution,
    Drop,
    InPlace,
    Maker,
    Normalization,
    Pooling,
    Product,
    Rectify,
    Step,
)

# Numbers of random bits that a dropout may draw per value: the fewest that represent its rate exactly, else 16.
DRAWN_BITS = (1, 2, 4, 8, 16)


def forward(plan: Plan) -> str:
    """Writes `forward`. Part 0 ends at the input of the first normalisation, each further part at that of the next."""
    parts = [[forward_step(plan, step) for step in part] for part in layout.parts(plan)]
    head = "void forward(int part, Values *v, Scratch *s, const float *w, const Moments *m, bool dropout)"
    return function(head, cases("part", parts))


def measure(plan: Plan) -> str:
    """Writes the sums that normalisations need over the batch: of their input and of their output's gradient."""
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
    """Writes the call that fills the area after `step`."""
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
    """Returns the number of bits to draw, and a threshold; a value is dropped if its bits are below it."""
    bits = next((bits for bits in DRAWN_BITS if (Fraction(rate) * 2**bits).denominator == 1), DRAWN_BITS[-1])
    return bits, round(rate * 2**bits)


def answer(plan: Plan) -> str:
    """Writes `answer_of`, which computes the answers p and the loss from the output z."""
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
