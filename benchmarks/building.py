"""What it costs to have a net compiled: emit and build, cold and from the cache, and the proof against Keras.

    python benchmarks/building.py [cnn|mlp|V|S …] [--rounds N]

All in one process; medians of several rounds, each with a cache of its own.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from machine import describe_machine
from net_recipes import RECIPES

from tinydigits.data.dataset import MNIST_TRAIN
from tinydigits.engine.compiler.build import build, find_compiler
from tinydigits.engine.compiler.emit import emit
from tinydigits.engine.compiler.planner import make_plan
from tinydigits.engine.keras import check
from tinydigits.engine.keras.settings import read_settings
from tinydigits.engine.runtime.program import Program
from tinydigits.formats.keras_bridge import network_from_keras
from tinydigits.recipes.recipe import compiled

STEPS = ("emit and build, cold", "emit and build, from the cache", "proof, the first time", "proof, remembered")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nets", nargs="*", default=list(RECIPES), help=f"of {', '.join(RECIPES)}")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    rounds = arguments.rounds
    command = " ".join(["python", "benchmarks/building.py", *sys.argv[1:]])
    print(describe_machine(), f"- `{command}`; {rounds} rounds, medians", "", sep="\n")
    print(f"| net | {' | '.join(STEPS)} |", "|---|" + "---|" * len(STEPS), sep="\n")
    for name in arguments.nets:
        costs = [round_of(name) for _ in range(rounds)]
        print(
            f"| {name} | "
            + " | ".join(f"{1e3 * statistics.median(c):.0f} ms" for c in zip(*costs, strict=True))
            + " |",
            flush=True,
        )


def round_of(name: str) -> list[float]:
    """Seconds of each of STEPS; finding the compiler is part of every build."""
    model = compiled(RECIPES[name], MNIST_TRAIN)
    network, settings = network_from_keras(model), read_settings(model)
    with tempfile.TemporaryDirectory() as folder:

        def make() -> Path:
            find_compiler.cache_clear()
            return build(emit(make_plan(network, settings.loss, settings.rule)), Path(folder))

        building = [seconds_of(make), seconds_of(make)]
        program = Program(make_plan(network, settings.loss, settings.rule), make())
        prove = [seconds_of(lambda: check.prove(program, network, model, Path(folder, "verdict"))) for _ in range(2)]
    return building + prove


def seconds_of(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
