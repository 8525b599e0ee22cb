"""What each kernel reaches on this machine: GFLOP/s, beside the peak that plain multiply-adds in registers reach.

    python benchmarks/kernels.py [NET…]

One thread, batch-last vectors of this machine's width, the shapes of the shipped nets or of V, S and G. Each kernel
runs in turn with all others, several rounds; the median round counts. The C is the plan's own statements under the
engine's own flags.
"""

from __future__ import annotations

import ctypes
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np
from machine import describe_machine
from nets import NETS

from tinydigits.engine.compiler.backward import input_gradient, weight_gradient
from tinydigits.engine.compiler.build import build
from tinydigits.engine.compiler.emit import emit
from tinydigits.engine.compiler.forward import forward_in_place, forward_maker, measures
from tinydigits.engine.compiler.plan import Plan
from tinydigits.engine.compiler.planner import make_plan
from tinydigits.engine.compiler.steps import Convolution, Drop, Maker, Normalization, Pooling, Product, Step
from tinydigits.engine.compiler.weights import GROUP
from tinydigits.formats.keras_bridge import network_from_keras
from tinydigits.recipes import nets as models

ROUNDS, CALLS = 9, 100
PEAK_SUMS, PEAK_CALLS = 12, 20_000


@dataclass(frozen=True)
class Timed:
    """One statement of the plan, and its multiply-adds for one image."""

    name: str
    statement: str
    multiply_adds: int


def main() -> None:
    names = sys.argv[1:] or ["cnn", "mlp"]
    print(
        describe_machine(),
        "",
        f"{ROUNDS} rounds of {CALLS} calls, medians of processor time; one thread.",
        "",
        sep="\n",
    )
    for name in names:
        print(table(name))


def table(name: str) -> str:
    """A markdown table for one net."""
    model = NETS[name]() if name in NETS else getattr(models, name)()
    plan = make_plan(network_from_keras(model), "cross_entropy", "adam")
    timed = timed_statements(plan)
    library = ctypes.CDLL(str(build(emit(plan) + bench(timed))))
    lanes = ctypes.c_int.in_dll(library, "lanes").value
    peak = measured_peak(library, lanes)
    rows = [f"## {name}", "", "| kernel | µs a group of 16 | GFLOP/s | of the peak |", "|---|---|---|---|"]
    for one, seconds in zip(timed, measured(library, len(timed), plan), strict=True):
        rate = 2e-9 * one.multiply_adds * lanes / seconds
        share = f"{rate:.1f} | {rate / peak:.0%}" if one.multiply_adds else "| "
        rows.append(f"| {one.name} | {seconds * 1e6 * 16 / lanes:.2f} | {share} |")
    return "\n".join([*rows, "", f"Peak of one core, multiply-adds in registers: {peak:.1f} GFLOP/s.", ""])


def timed_statements(plan: Plan) -> list[Timed]:
    """Every call of a training step, in order."""
    forward = [part for step in plan.steps for part in forward_parts(plan, step)]
    backward = [
        part
        for step in reversed(plan.steps)
        if isinstance(step, Maker) and plan.trained_before(step.source + 1)
        for part in backward_parts(plan, step)
    ]
    gather = Timed("gather 16 images", "gather_bytes(rows, PIXELS, v->place, v->x0);", 0)
    answer = Timed("softmax, loss, its gradient", "answer_of(v, s); loss_gradient(v, s, fill(1.0f / 32));", 0)
    bias = Timed(f"optimiser ({plan.rule}), a step of two groups", UPDATE, 0)
    return [gather, *forward, answer, *backward, bias]


RULE = "(Rule){.001f, 0, .9f, .999f, .1f, .001f, 1e-7f}"
UPDATE = f"update({RULE}, (Gradients){{g, 2, TRAINED}}, w, next, slots, 9, 0, TRAINED);"


def multiply_adds(step: Step) -> int:
    match step:
        case Convolution():
            kernel = prod(step.kernel.shape)
            return step.output.rows * step.output.columns * kernel
        case Product():
            return prod(step.kernel.shape)
        case _:
            return 0


def forward_parts(plan: Plan, step: Step) -> list[Timed]:
    if not isinstance(step, Maker):
        return [Timed("dropout" if isinstance(step, Drop) else "relu", forward_in_place(plan, step), 0)]
    parts = [Timed(f"{describe(step)} forward", forward_maker(plan, step), multiply_adds(step))]
    if isinstance(step, Normalization):
        parts.insert(0, Timed(f"{describe(step)} sums", measures(plan, step)[0], 0))
    return parts


def backward_parts(plan: Plan, step: Maker) -> list[Timed]:
    parts = [
        Timed(f"{describe(step)} {kind}", line, multiply_adds(step) if "weight" in kind else 0)
        for line in weight_gradient(plan, step)
        for kind in ["weight gradient" if "weight_gradient" in line else "spread"]
    ]
    if isinstance(step, Normalization):
        parts.append(Timed(f"{describe(step)} gradient sums", measures(plan, step)[1], 0))
    if plan.trained_before(step.source):
        parts.append(Timed(f"{describe(step)} input gradient", input_gradient(plan, step), multiply_adds(step)))
    return parts


def describe(step: Maker) -> str:
    match step:
        case Convolution():
            height, width, channels, filters = step.kernel.shape
            kind = (
                f"depthwise {height}×{width} {channels}"
                if step.depthwise
                else f"conv {height}×{width} {channels}→{filters}"
            )
            return f"{kind}, {step.output.rows}×{step.output.columns}{' + pool' if step.pooling else ''}"
        case Product():
            return f"dense {step.kernel.shape[0]}→{step.kernel.shape[1]}"
        case Pooling():
            return "average" if step.average else "max pool"
        case Normalization():
            return f"norm {step.gamma.shape[0]}"


def bench(timed: list[Timed]) -> str:
    """C that runs statement `which` so many times, and multiply-adds in registers for the peak."""
    cases = "\n".join(f"    case {index}: {one.statement} break;" for index, one in enumerate(timed))
    return f"""
int lanes = LANES;
ONCE void statement(int which, Values *v, Scratch *s, const float *w, float *g, float *next, float *const *slots,
                            const void *const *rows, const Moments *m) {{
    bool dropout = true;
    switch (which) {{
{cases}
    }}
}}
static Values *v;
static Scratch *s;
static float *g;
static Moments m;
void begin(void) {{
    v = zeros(sizeof *v);
    s = zeros(sizeof *s);
    g = zeros(2 * TRAINED * sizeof(float));
    for (int i = 0; i <= NORMALIZED; i++) m.mean[i] = m.plain[i] = m.product[i] = 0.01f, m.inverse[i] = 1;
    for (int i = 0; i < 2 * TRAINED; i++) g[i] = 1e-3f * (i % 7 - 3);
    for (size_t i = 0; i + 4 < sizeof *v; i += sizeof(float)) *(float *)((char *)v + i) = 0.01f * (i % 29);
    for (size_t i = 0; i + 4 < sizeof *s; i += sizeof(float)) *(float *)((char *)s + i) = 0.01f * (i % 29);
    memset(v->keys, 0, sizeof v->keys);
    v->real = real_lanes(LANES);
    prepare(v);
}}
void run(int which, int calls, const float *w, float *next, float **slots, const uint8_t *images) {{
    const void *rows[LANES];
    for (int n = 0; n < LANES; n++) rows[n] = images + n * PIXELS;
    for (int i = 0; i < calls; i++) statement(which, v, s, w, g, next, slots, rows, &m);
}}
float peak(int calls) {{
    V sums[{PEAK_SUMS}], factor = fill(0.999f);
    for (int k = 0; k < {PEAK_SUMS}; k++) sums[k] = fill(k);
    for (int i = 0; i < calls; i++)
        UNROLL for (int k = 0; k < {PEAK_SUMS}; k++) sums[k] = sums[k] * factor + factor;
    float total = 0;
    for (int k = 0; k < {PEAK_SUMS}; k++) total += lane_sum(sums[k]);
    return total;
}}
"""


def measured(library: ctypes.CDLL, count: int, plan: Plan) -> list[float]:
    """Median seconds of one call of each statement."""
    random = np.random.default_rng(0)
    weights = random.normal(0, 0.1, plan.weights).astype(np.float32)
    following, *slots = (np.zeros_like(weights) for _ in range(3))
    images = random.integers(0, 256, (GROUP, plan.pixels)).astype(np.uint8)
    pointers = (ctypes.c_void_p * 2)(*(slot.ctypes.data for slot in slots))
    arguments = [ctypes.c_void_p(weights.ctypes.data), ctypes.c_void_p(following.ctypes.data), pointers]
    library.begin()
    rounds = [
        [
            seconds_of(lambda which=which: library.run(which, CALLS, *arguments, ctypes.c_void_p(images.ctypes.data)))
            for which in range(count)
        ]
        for _ in range(ROUNDS)
    ]
    return [statistics.median(column) / CALLS for column in zip(*rounds, strict=True)]


def measured_peak(library: ctypes.CDLL, lanes: int) -> float:
    """GFLOP/s of one core."""
    library.peak.restype = ctypes.c_float
    seconds = min(seconds_of(lambda: library.peak(PEAK_CALLS)) for _ in range(ROUNDS))
    return 2e-9 * PEAK_SUMS * PEAK_CALLS * lanes / seconds


def seconds_of(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return time.thread_time() - started


if __name__ == "__main__":
    main()
