"""Where each array of a plan lives: `v`, with its strip of images, or `s`, with a thread for the time being.

Batch normalisation cuts a step into parts, between which all threads wait: what one part writes and another reads
must stay with its strip. That is more memory than any cache holds, and reading it costs as much as computing. So as
little as possible is kept: what lies between a normalisation and the next convolution is cheap, and made once more on
the way back. (Net V, an epoch on one thread: 8.0 s with everything kept, 4.2 s so.) Without normalisation there is one
part, and everything lives with the strip, of which each thread then has one.
"""

from __future__ import annotations

from itertools import takewhile

from tinydigits.engine.compiler.plan import Plan
from tinydigits.engine.compiler.steps import Convolution, Maker, Normalization, Product, Step


def parts(plan: Plan) -> list[list[Step]]:
    """The steps of each part, in forward order; every part but the first begins with a normalisation."""
    found: list[list[Step]] = [[]]
    for step in plan.steps:
        if isinstance(step, Normalization):
            found.append([])
        found[-1].append(step)
    return found


def written(step: Step) -> int:
    """The area that a step writes."""
    return step.source + 1 if isinstance(step, Maker) else step.source


def made_again(plan: Plan, part: int) -> list[Step]:
    """What is done once more on the way back: the cheap steps that a part begins with.

    The first part has the image to begin with, and in the last one the way back follows at once.
    """
    if not 0 < part < len(plan.norms):
        return []
    return [step for step in takewhile(is_cheap, parts(plan)[part]) if not is_measured(plan, written(step))]


def is_cheap(step: Step) -> bool:
    """Whether doing a step again costs less than keeping what it gave."""
    return not isinstance(step, Product | Convolution) or (isinstance(step, Convolution) and step.depthwise)


def is_measured(plan: Plan, area: int) -> bool:
    """Whether a normalisation reads `area`, so that it outlives the part that writes it."""
    return any(norm.source == area for norm in plan.norms)


def stays(plan: Plan, area: int) -> bool:
    """Whether an area's values stay with their strip."""
    if area == 0 or not plan.norms or is_measured(plan, area):
        return True
    part = next(index for index, steps in enumerate(parts(plan)) if plan.maker(area) in steps)
    again = (step for step in made_again(plan, part) if isinstance(step, Maker))
    return part < len(plan.norms) and all(written(step) != area for step in again)


def x(plan: Plan, area: int) -> str:
    """The C name of an area's values."""
    return f"{'v' if stays(plan, area) else 's'}->x{area}"


def marks(plan: Plan, area: int) -> str:
    """The C name of where the maxima in `area` came from."""
    kept = stays(plan, area) or isinstance(plan.maker(area), Normalization)
    return f"{'v' if kept else 's'}->m{area}"


def choices(plan: Plan, area: int, index: int) -> str:
    """The C name of what dropout `index`, on `area`, kept."""
    return f"{'v' if stays(plan, area) else 's'}->k{index}"


def d(plan: Plan, area: int) -> str:
    """The C name of an area's gradient; that of a normalisation's output is measured before it is used."""
    kept = not plan.norms or isinstance(plan.maker(area), Normalization)
    return f"{'v' if kept else 's'}->d{area}"


def spread(plan: Plan, area: int) -> str:
    """The C name of the spread gradient of the convolution that makes `area`."""
    return f"{'s' if plan.norms else 'v'}->s{area}"
