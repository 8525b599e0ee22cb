"""How training time grows with images and with threads.

    python benchmarks/scaling.py [cnn|V …] [--rounds N]

One epoch of `cnn` (batch 32) and of V (batch 128) on MNIST's training images repeated or cut to so many; one and two
threads in turn.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
from machine import describe_machine
from net_recipes import RECIPES

from tinydigits.data.dataset import mnist
from tinydigits.engine.fit import compiled, network_of
from tinydigits.engine.keras.rates import read_rule_numbers
from tinydigits.engine.keras.settings import read_settings
from tinydigits.engine.keras.state import read_state
from tinydigits.engine.runtime.job import Epoch, Examples
from tinydigits.engine.runtime.program import Program
from tinydigits.recipes.recipe import Recipe
from tinydigits.recipes.recipe import compiled as compiled_model

if TYPE_CHECKING:
    import keras

COUNTS = {"cnn": (6_000, 60_000, 600_000), "V": (6_000, 60_000), "S": (6_000, 60_000)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nets", nargs="*", default=list(COUNTS), help=f"of {', '.join(COUNTS)}")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    command = " ".join(["python", "benchmarks/scaling.py", *sys.argv[1:]])
    print(describe_machine(), f"- `{command}`; {arguments.rounds} rounds, medians", sep="\n")
    for net in arguments.nets:
        print_table(net, arguments.rounds)


def print_table(net: str, rounds: int) -> None:
    print(f"\n## {net}\n")
    print("| images | 1 thread, s | µs an image | 2 threads, s | times as fast |", "|---|---|---|---|---|", sep="\n")
    for count in COUNTS[net]:
        one, two = (statistics.median(times) for times in zip(*measured(RECIPES[net], count, rounds), strict=True))
        print(f"| {count:,} | {one:.3f} | {1e6 * one / count:.2f} | {two:.3f} | {one / two:.2f} |", flush=True)


def measured(recipe: Recipe, count: int, rounds: int) -> list[tuple[float, ...]]:
    """Seconds of an epoch on one and on two threads, in turn."""
    model = compiled_model(recipe, count)
    programs = [compiled(model, network_of(model), read_settings(model), threads) for threads in (1, 2)]
    train = mnist().train
    which = np.resize(np.arange(len(train)), count)
    examples = Examples(train.images[which], np.eye(10, dtype=np.float32)[train.labels[which]])
    size = recipe.batch_size
    for program in programs:
        seconds_of_an_epoch(program, model, examples, size)  # finds its pace
    return [tuple(seconds_of_an_epoch(program, model, examples, size) for program in programs) for _ in range(rounds)]


def seconds_of_an_epoch(program: Program, model: keras.Model, examples: Examples, batch_size: int) -> float:
    state, steps = read_state(model, program.plan), -(-len(examples) // batch_size)
    numbers = read_rule_numbers(model.optimizer, 0, steps)
    order = np.random.default_rng(0).permutation(len(examples)).astype(np.int32)
    started = time.perf_counter()
    program.train(state, examples, Epoch(order, batch_size), numbers)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
