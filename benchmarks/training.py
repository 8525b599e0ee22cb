"""How long `fit` takes for the two original nets, and for V and S, against other ways; validation included.

    python benchmarks/training.py [cnn|mlp|V|S …] [--rounds N] [--epochs N] [--yardstick limit.cc] [--torch PYTHON]

Each way runs in a process of its own, all ways in turn, several rounds (A B C A B C …); the median counts. Native code
comes from the cache; `building.py` says what building costs. Every way trains on the same 55,000 images with the
net's recipe (`net_recipes.py`) and scores the same 5,000 after each epoch; only the yardstick, one thread written by
hand for `cnn`, does not score. V and S are trained natively with `AFFINE` augmentation as well, and everything else
without. PyTorch is looked for in the interpreter that --torch names, by default this one; for V and S its pictures lie
channels-last. JAX is left out for V and S: it is very slow at convolutions that lie so.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from machine import describe_machine
from net_recipes import RECIPES

HERE = Path(__file__).parent
BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX"}
TENSORFLOW = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}


@dataclass(frozen=True)
class Way:
    """One way to train: how it is called in the table, and the command that prints its JSON.

    Attributes:
        builds: has code built that a first run, which does not count, leaves in the cache.
    """

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    builds: bool = False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nets", nargs="*", default=["cnn", "mlp"], help=f"of {', '.join(RECIPES)}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, help="in place of the recipe's own")
    parser.add_argument("--yardstick", type=Path)
    parser.add_argument("--torch", default=sys.executable)
    arguments = parser.parse_args()
    print(describe_machine())
    print(f"- `python benchmarks/training.py {' '.join(sys.argv[1:])}`; {arguments.rounds} rounds, medians\n")
    for net in arguments.nets:
        print(table(net, measured(ways(net, arguments), arguments.rounds)), flush=True)


def ways(net: str, arguments: argparse.Namespace) -> list[Way]:
    """What is installed here, the baseline first."""
    epochs = () if arguments.epochs is None else ("--epochs", str(arguments.epochs))
    new = net in ("V", "S")
    found = [by_keras(net, epochs), *natively(net, epochs), *(natively(net, epochs, "--augmented") if new else [])]
    found.append(by_keras(net, epochs, steps=10 if new else 50))
    if has(sys.executable, "jax") and not new:
        found.append(by_keras(net, epochs, backend="jax"))
    if has(arguments.torch, "torch"):
        torch = (arguments.torch, str(HERE / "contender_torch.py"), net, *epochs)
        name = "PyTorch eager, channels-last" if new else "PyTorch eager"
        found.append(Way(name, torch, {"PYTHONPATH": os.pathsep.join(sys.path)}))
    if arguments.yardstick and net == "cnn":
        yardstick = contender(net, "--way", str(arguments.yardstick.resolve()))
        found.append(Way("hand-written C++, 1 thread, no validation", yardstick, TENSORFLOW))
    return found


def contender(net: str, *options: str) -> tuple[str, ...]:
    return (sys.executable, str(HERE / "contender.py"), net, *options)


def by_keras(net: str, epochs: tuple[str, ...], steps: int = 1, backend: str = "tensorflow") -> Way:
    """Keras' own `fit`, so many steps in one call of the backend."""
    name = f"Keras/{BACKENDS[backend]}" + (" `fit`" if steps == 1 else f", steps_per_execution={steps}")
    command = contender(net, "--way", "keras", "--steps", str(steps), *epochs)
    return Way(name, command, {**TENSORFLOW, "KERAS_BACKEND": backend})


def natively(net: str, epochs: tuple[str, ...], *augmented: str) -> list[Way]:
    """On one thread and on two."""
    note = ", augmented (`AFFINE`)" if augmented else ""
    one, two = (contender(net, "--way", "native", "--threads", threads, *augmented, *epochs) for threads in "12")
    return [
        Way(f"tinydigits native, 1 thread{note}", one, TENSORFLOW, builds=True),
        Way(f"tinydigits native, 2 threads{note}", two, TENSORFLOW),
    ]


def has(python: str, package: str) -> bool:
    check = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return subprocess.run([python, "-c", check], check=False).returncode == 0


def measured(found: list[Way], rounds: int) -> dict[str, list[dict[str, float]]]:
    """Every way's results, one a round."""
    for way in found:
        if way.builds:
            run(way)
    results: dict[str, list[dict[str, float]]] = {way.name: [] for way in found}
    for _ in range(rounds):
        for way in found:
            results[way.name].append(run(way))
    return results


def run(way: Way) -> dict[str, float]:
    done = subprocess.run(
        way.command, env={**os.environ, **way.environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{way.name} failed:\n{done.stderr}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def table(net: str, results: dict[str, list[dict[str, float]]]) -> str:
    """Markdown; speed-ups are ratios of medians to the first way's."""
    baseline = middle(next(iter(results.values())), "seconds")
    columns = ("way", "fit, s (each round)", "median, s", "times as fast", "s an epoch", "validation accuracy, %")
    rows = [f"## {net}", "", f"| {' | '.join(columns)} | MB beyond the data |", "|---" * len(columns) + "|---|"]
    for name, rounds in results.items():
        each = " ".join(f"{one['seconds']:.2f}" for one in rounds)
        seconds, accuracy = middle(rounds, "seconds"), 100 * middle(rounds, "accuracy")
        figures = (
            f"{seconds:.2f}",
            f"{baseline / seconds:.1f}",
            f"{seconds / rounds[0]['epochs']:.2f}",
            f"{accuracy:.2f}",
            f"{middle(rounds, 'megabytes'):.0f}",
        )
        rows.append(f"| {name} | {each} | {' | '.join(figures)} |")
    return "\n".join([*rows, ""])


def middle(rounds: list[dict[str, float]], key: str) -> float:
    return statistics.median(one[key] for one in rounds)


if __name__ == "__main__":
    main()
