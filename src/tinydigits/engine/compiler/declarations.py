"""Writes the declarations of a C file: sizes, arrays and the constants of each step.

Arrays have the number of their area. `x0` is the image; `x1` … are the values after each layer; `d1` … are their
gradients; `s1` … are gradients spread out for a convolution; `m1` … are the positions of maxima. `k0` … record the
values that a dropout kept; they have the number of the dropout.
"""

from __future__ import annotations

from tinydigits.engine.compiler import layout
from tinydigits.engine.compiler.plan import Plan
from tinydigits.engine.compiler.steps import Area, Convolution, Drop, Normalization, Pooling, Product, Step, Windows

# Largest kernel, in taps, for which the gradient of a fused pooling is spread in registers. Larger ones do not fit.
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
    """Writes the structs `Values` (arrays of a strip of images) and `Scratch` (temporary arrays of a thread)."""
    fields = [
        "v->int32_t place[PIXELS];",
        "v->Ints real;",
        "v->V share;",
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
    """Writes the declaration of an array: for `v->x1` it is `v->V x1[size];`."""
    home, array = name.split("->")
    return f"{home}->{kind} {array}[{size}];"


def struct(name: str, fields: list[str]) -> str:
    return "\n".join(["typedef struct {", *(f"    {field}" for field in fields), f"}} {name};"])


def extra_arrays(plan: Plan, step: Step) -> list[str]:
    """Returns the arrays that a step keeps from the forward to the backward pass."""
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
    """Returns the array of positions of maxima, if the step computes maxima."""
    takes = not step.average if isinstance(step, Pooling) else step.pooling is not None
    there = step.source + 1
    return [sized(layout.marks(plan, there), "Marks", plan.areas[there].values)] if takes else []


def spreads(plan: Plan, step: Convolution) -> bool:
    """Returns whether the gradient of a convolution is also written spread out.

    It is if the input needs a gradient and there are strides above 1 or a fused pooling. It also is for a large kernel
    with a fused pooling.
    """
    height, width = step.windows.size
    apart = plan.trained_before(step.source) and step.windows.strides != (1, 1)
    pooled = step.pooling is not None and (plan.trained_before(step.source) or height * width > FEW_TAPS)
    return apart or pooled


def trained(plan: Plan) -> list[int]:
    """Returns the areas that need a gradient."""
    return [index for index in range(len(plan.areas)) if plan.trained_before(index)]


def remembers(plan: Plan, step: Drop) -> bool:
    """Returns whether the choice of a dropout must be stored. After a ReLU it need not be: dropped values are 0."""
    return plan.trained_before(step.source) and plan.slope(step.source) != 0


def gradient_of(plan: Plan, index: int) -> Area:
    """Returns the area of the gradient of area `index`, with the border that the step before needs."""
    maker = plan.maker(index)
    if isinstance(maker, Convolution) and plan.trained_before(maker.source) and not spreads(plan, maker):
        return plan.spread(maker)
    area = plan.areas[index]
    return Area(area.channels, area.rows, area.columns)


def as_map(name: str, area: Area, *, bordered: bool = False) -> str:
    """Writes the C expression of an area that begins at its first value, or at its border."""
    start = 0 if bordered else area.start
    return f"(Map){{{name}{f' + {start}' if start else ''}, {area.row}, {area.channel}}}"


def prepare(image: Area) -> str:
    """Writes the function that fills the position of each pixel.

    Pixels of images are in the order row, column, channel; areas are in the order channel, row, column.
    """
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
    """Writes the constants of a step; their names have the number of the area that it writes."""
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
    """Writes the table of all normalisations by index, for loops over them."""
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
