"""How training time grows with images and with threads.

    python benchmarks/scaling.py [--rounds N]

One epoch of `cnn`, batch 32, on MNIST's training images repeated or cut to so many; one and two threads in turn.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np
from machine import describe_machine

from tinydigits import recipes
from tinydigits.data import mnist
from tinydigits.engine.fit import compiled, network_of
from tinydigits.engine.job import Epoch, Examples
from tinydigits.engine.keras_state import read_state
from tinydigits.engine.program import Program
from tinydigits.engine.rates import read_rule_numbers
from tinydigits.engine.settings import read_settings

COUNTS = (6_000, 60_000, 600_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(describe_machine(), f"- `python benchmarks/scaling.py`; {rounds} rounds, medians", "", sep="\n")
    print("| images | 1 thread, s | µs an image | 2 threads, s | times as fast |", "|---|---|---|---|---|", sep="\n")
    for count in COUNTS:
        one, two = (statistics.median(times) for times in zip(*measured(count, rounds), strict=True))
        print(f"| {count:,} | {one:.3f} | {1e6 * one / count:.2f} | {two:.3f} | {one / two:.2f} |", flush=True)


def measured(count: int, rounds: int) -> list[tuple[float, ...]]:
    """Seconds of an epoch on one and on two threads, in turn."""
    model = recipes.compiled(recipes.RECIPES["cnn"])
    programs = [compiled(model, network_of(model), read_settings(model), threads) for threads in (1, 2)]
    train = mnist().train
    which = np.resize(np.arange(len(train)), count)
    examples = Examples(train.images[which], np.eye(10, dtype=np.float32)[train.labels[which]])
    for program in programs:
        seconds_of_an_epoch(program, model, examples)  # finds its pace
    return [tuple(seconds_of_an_epoch(program, model, examples) for program in programs) for _ in range(rounds)]


def seconds_of_an_epoch(program: Program, model: object, examples: Examples) -> float:
    state, numbers = read_state(model, program.plan), read_rule_numbers(model.optimizer, 0, -(-len(examples) // 32))
    order = np.random.default_rng(0).permutation(len(examples)).astype(np.int32)
    started = time.perf_counter()
    program.train(state, examples, Epoch(order, 32), numbers)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
