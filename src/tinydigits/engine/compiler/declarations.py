"""The declarations of an emitted C file: sizes, arrays and the constants that describe each step.

Everything is numbered by the area that it belongs to: `x0` the image, `x1` … the values after each layer, `d1` … their
gradients, `s1` a gradient spread as a convolution needs it, `m1` where each maximum came from; `k0` … what a dropout
kept.
"""

from __future__ import annotations

from tinydigits.engine.compiler import layout
from tinydigits.engine.compiler.plan import Plan
from tinydigits.engine.compiler.steps import Area, Convolution, Drop, Normalization, Pooling, Product, Step, Windows

# Taps of a convolution for which a fused pooling's gradient is spread inside registers; more would not fit into them.
FEW_TAPS = 4


def sizes(plan: Plan) -> str:
    return (
        f"enum {{ PIXELS = {plan.pixels}, CLASSES = {plan.classes}, WEIGHTS = {plan.weights}, "
        f"TRAINED = {plan.trained}, DROPOUTS = {plan.dropouts},\n       "
        f"NORMS = {len(plan.norms)}, NORMALIZED = {sum(map(channels_of, plan.norms))} }};"
    )


def channels_of(step: Normalization) -> int:
    return step.gamma.shape[0]


def values(plan: Plan) -> str:
    """The structs that hold what stays with a strip of images, and what a thread needs for the time being."""
    fields = [
        "v->int32_t place[PIXELS];",
        "v->Ints real;",
        "v->Words keys[DROPOUTS + 1];",
        "v->ChannelSums inputs, gradients;",
        "v->V t[CLASSES], p[CLASSES];",
        *(sized(layout.x(plan, index), "V", area.size) for index, area in enumerate(plan.areas)),
        *(sized(layout.d(plan, index), "V", gradient_of(plan, index).size) for index in trained(plan)),
        *(extra for step in plan.steps for extra in extra_arrays(plan, step)),
    ]
    kept = [field[3:] for field in fields if field.startswith("v->")]
    passing = [field[3:] for field in fields if field.startswith("s->")] or ["char nothing;"]
    return f"{struct('Values', kept)}\n\n{struct('Scratch', passing)}"


def sized(name: str, kind: str, size: int) -> str:
    """`v->x1` → `v->V x1[size];`."""
    home, array = name.split("->")
    return f"{home}->{kind} {array}[{size}];"


def struct(name: str, fields: list[str]) -> str:
    return "\n".join(["typedef struct {", *(f"    {field}" for field in fields), f"}} {name};"])


def extra_arrays(plan: Plan, step: Step) -> list[str]:
    """What a step must remember from the way forward to the way back."""
    there = step.source + 1
    match step:
        case Convolution() if spreads(plan, step):
            return [sized(layout.spread(plan, there), "V", plan.spread(step).size), *marking(plan, step)]
        case Convolution() | Normalization() | Pooling():
            return marking(plan, step)
        case Drop() if remembers(plan, step):
            kept = layout.choices(plan, step.source, step.index)
            return [sized(kept, "Marks", plan.areas[step.source].values)]
        case _:
            return []


def marking(plan: Plan, step: Convolution | Normalization | Pooling) -> list[str]:
    """Where the maxima came from, where a step takes any."""
    takes = not step.average if isinstance(step, Pooling) else step.pooling is not None
    there = step.source + 1
    return [sized(layout.marks(plan, there), "Marks", plan.areas[there].values)] if takes else []


def spreads(plan: Plan, step: Convolution) -> bool:
    """Whether a convolution's gradient is written once more, spread out.

    That is so before a fused pooling, where its input's gradient is needed or the kernel is large; and where its
    windows lie several pixels apart and its input's gradient is needed.
    """
    height, width = step.windows.size
    apart = plan.trained_before(step.source) and step.windows.strides != (1, 1)
    pooled = step.pooling is not None and (plan.trained_before(step.source) or height * width > FEW_TAPS)
    return apart or pooled


def trained(plan: Plan) -> list[int]:
    """The areas that a gradient flows back into."""
    return [index for index in range(len(plan.areas)) if plan.trained_before(index)]


def remembers(plan: Plan, step: Drop) -> bool:
    """Whether a dropout's choice must be kept: after a ReLU the value itself, zero or not, tells."""
    return plan.trained_before(step.source) and plan.slope(step.source) != 0


def gradient_of(plan: Plan, index: int) -> Area:
    """The gradient of area `index`, with the border that the step before it needs."""
    maker = plan.maker(index)
    if isinstance(maker, Convolution) and plan.trained_before(maker.source) and not spreads(plan, maker):
        return plan.spread(maker)
    area = plan.areas[index]
    return Area(area.channels, area.rows, area.columns)


def as_map(name: str, area: Area, *, bordered: bool = False) -> str:
    """The C expression for an area: from its first value, or from its border on."""
    start = 0 if bordered else area.start
    return f"(Map){{{name}{f' + {start}' if start else ''}, {area.row}, {area.channel}}}"


def prepare(image: Area) -> str:
    """Where each pixel goes: images lie row by row with channels together, areas channel by channel."""
    channels, columns = image.channels, image.columns
    return f"""static inline void prepare(Values *v) {{
    for (int p = 0; p < PIXELS; p++) {{
        int c = p % {channels}, j = p / {channels} % {columns}, i = p / {channels * columns};
        v->place[p] = {image.start} + c * {image.channel} + i * {image.row} + j;
    }}
}}"""


def shapes(plan: Plan) -> str:
    return "\n".join([*(line for step in plan.steps for line in shape_of(plan, step)), norm_table(plan)])


def shape_of(plan: Plan, step: Step) -> list[str]:
    """The constants that describe a step, named after the area it writes."""
    there = step.source + 1
    match step:
        case Convolution():
            return [conv_shape(plan, step), *fused_shape(plan, there, step.output, step.pooling)]
        case Normalization():
            return [norm_shape(plan, step), *fused_shape(plan, there, plan.areas[step.source], step.pooling)]
        case Pooling():
            return [pool_shape(plan, there, plan.areas[step.source], step.windows)]
        case Product():
            features, units = step.kernel.shape
            return [constant("Dense", f"f{there}", features=features, units=units, stride=step.kernel.stride)]
        case _:
            return []


def conv_shape(plan: Plan, step: Convolution) -> str:
    (height, width), (down, across) = step.windows.size, step.windows.strides
    channels, output = plan.areas[step.source].channels, step.output
    sizes = {"channels": channels, "filters": output.channels, "rows": output.rows, "columns": output.columns}
    return constant("Conv", f"c{step.source + 1}", **sizes, height=height, width=width, down=down, across=across)


def norm_shape(plan: Plan, step: Normalization) -> str:
    area = plan.areas[step.source]
    first = sum(map(channels_of, plan.norms[: step.index]))
    sizes = {"first": first, "channels": area.channels, "rows": area.rows, "columns": area.columns}
    arrays = {name: getattr(step, name).offset for name in ("gamma", "beta", "mean", "variance")}
    numbers = {"epsilon": c_float(step.epsilon), "momentum": c_float(step.momentum)}
    return constant("Norm", f"n{step.source + 1}", **sizes, **arrays, **numbers)


def norm_table(plan: Plan) -> str:
    """All normalisations by their index, for what goes through them in a loop."""
    names = ", ".join([*(f"&n{step.source + 1}" for step in plan.norms), "0"])
    return f"static const Norm *const norms[NORMS + 1] = {{{names}}};"


def fused_shape(plan: Plan, index: int, source: Area, windows: Windows | None) -> list[str]:
    return [] if windows is None else [pool_shape(plan, index, source, windows)]


def pool_shape(plan: Plan, index: int, source: Area, windows: Windows) -> str:
    area = plan.areas[index]
    (height, width), (down, across), (top, left) = windows.size, windows.strides, windows.origin
    sizes = {"channels": area.channels, "rows": area.rows, "columns": area.columns, "height": height, "width": width}
    steps = {"down": down, "across": across, "top": top, "left": left}
    return constant("Pool", f"p{index}", **sizes, **steps, in_rows=source.rows, in_columns=source.columns)


def c_float(value: float) -> str:
    return f"{value!r}f"


def constant(kind: str, name: str, **fields: int | str) -> str:
    return f"static const {kind} {name} = {{{', '.join(f'.{field} = {value}' for field, value in fields.items())}}};"
