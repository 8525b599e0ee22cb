"""Decides which struct holds each array of a plan: `v` (Values, of a strip of images) or `s` (Scratch, of a thread).

Batch normalisation cuts a step into parts. All threads wait between two parts, so an array that one part writes and
another reads must stay with its strip. Keeping all arrays would take more memory than any cache has, and reading them
would cost as much as computing them. So few arrays are kept: the cheap steps between a normalisation and the next
convolution are computed again in the backward pass. (An epoch of net V on one thread takes 8.0 s with all arrays
kept, and 4.2 s this way.) Without normalisation there is one part, and each thread keeps the arrays of one strip.
"""

from __future__ import annotations

from itertools import takewhile

from tinydigits.engine.compiler.plan import Plan
from tinydigits.engine.compiler.steps import Convolution, Maker, Normalization, Product, Step


def parts(plan: Plan) -> list[list[Step]]:
    """Returns the steps of each part, in forward order; every part except the first begins with a normalisation."""
    found: list[list[Step]] = [[]]
    for step in plan.steps:
        if isinstance(step, Normalization):
            found.append([])
        found[-1].append(step)
    return found


def written(step: Step) -> int:
    """Returns the area that a step writes."""
    return step.source + 1 if isinstance(step, Maker) else step.source


def made_again(plan: Plan, part: int) -> list[Step]:
    """Returns the cheap steps at the beginning of a part, which are computed again in the backward pass.

    The first part begins with the image. In the last part, the backward pass follows at once. Both have none.
    """
    if not 0 < part < len(plan.norms):
        return []
    return [step for step in takewhile(is_cheap, parts(plan)[part]) if not is_measured(plan, written(step))]


def is_cheap(step: Step) -> bool:
    """Returns whether computing a step again costs less than keeping its output."""
    return not isinstance(step, Product | Convolution) or (isinstance(step, Convolution) and step.depthwise)


def is_measured(plan: Plan, area: int) -> bool:
    """Returns whether a normalisation reads `area`, so that the area must be kept after its part."""
    return any(norm.source == area for norm in plan.norms)


def stays(plan: Plan, area: int) -> bool:
    """Returns whether the values of an area stay with their strip."""
    if area == 0 or not plan.norms or is_measured(plan, area):
        return True
    part = next(index for index, steps in enumerate(parts(plan)) if plan.maker(area) in steps)
    again = (step for step in made_again(plan, part) if isinstance(step, Maker))
    return part < len(plan.norms) and all(written(step) != area for step in again)


def x(plan: Plan, area: int) -> str:
    """Returns the C name of the values of an area."""
    return f"{'v' if stays(plan, area) else 's'}->x{area}"


def marks(plan: Plan, area: int) -> str:
    """Returns the C name of the positions of the maxima in `area`."""
    kept = stays(plan, area) or isinstance(plan.maker(area), Normalization)
    return f"{'v' if kept else 's'}->m{area}"


def choices(plan: Plan, area: int, index: int) -> str:
    """Returns the C name of the record of values that dropout `index` kept on `area`."""
    return f"{'v' if stays(plan, area) else 's'}->k{index}"


def d(plan: Plan, area: int) -> str:
    """Returns the C name of the gradient of an area.

    The gradient of a normalisation's output is kept, because sums over the batch are taken of it before it is used.
    """
    kept = not plan.norms or isinstance(plan.maker(area), Normalization)
    return f"{'v' if kept else 's'}->d{area}"


def spread(plan: Plan, area: int) -> str:
    """Returns the C name of the spread gradient of the convolution that writes `area`."""
    return f"{'s' if plan.norms else 'v'}->s{area}"
