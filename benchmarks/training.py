"""How long `fit` takes for the two original nets, against other ways to train them; validation included.

    python benchmarks/training.py [cnn|mlp …] [--rounds N] [--epochs N] [--yardstick limit.cc] [--torch PYTHON]

Each way runs in a process of its own, all ways in turn, several rounds (A B C A B C …); the median counts. Native code
comes from the cache; what building costs is a line of its own. Every way trains on the same 55,000 images, batch 32,
and scores the same 5,000 after each epoch; only the yardstick, one thread written by hand for `cnn`, does not score.
PyTorch is looked for in the interpreter that --torch names, by default this one.
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

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Way:
    """One way to train: how it is called in the table, and the command that prints its JSON."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nets", nargs="*", default=["cnn", "mlp"])
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
    epochs = [] if arguments.epochs is None else ["--epochs", str(arguments.epochs)]
    contender = (sys.executable, str(HERE / "contender.py"), net, *epochs)
    tensorflow = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    found = [
        Way("Keras/TensorFlow `fit`", (*contender, "--way", "keras"), tensorflow),
        Way("tinydigits native, 1 thread", (*contender, "--way", "native", "--threads", "1"), tensorflow),
        Way("tinydigits native, 2 threads", (*contender, "--way", "native", "--threads", "2"), tensorflow),
        Way("Keras/TensorFlow, steps_per_execution=50", (*contender, "--way", "keras", "--steps", "50"), tensorflow),
    ]
    if has(sys.executable, "jax"):
        found.append(Way("Keras/JAX `fit`", (*contender, "--way", "keras"), {"KERAS_BACKEND": "jax"}))
    if has(arguments.torch, "torch"):
        torch = (arguments.torch, str(HERE / "contender_torch.py"), net, *epochs)
        found.append(Way("PyTorch eager", torch, {"PYTHONPATH": os.pathsep.join(sys.path)}))
    if arguments.yardstick and net == "cnn":
        yardstick = (sys.executable, str(HERE / "contender.py"), net, "--way", str(arguments.yardstick.resolve()))
        found.append(Way("hand-written C++, 1 thread, no validation", yardstick, tensorflow))
    return found


def has(python: str, package: str) -> bool:
    check = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return subprocess.run([python, "-c", check], check=False).returncode == 0


def measured(found: list[Way], rounds: int) -> dict[str, list[dict[str, float]]]:
    """Every way's results, one a round; a first native run fills the cache."""
    run(found[1])
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
    return json.loads(done.stdout.splitlines()[-1])


def table(net: str, results: dict[str, list[dict[str, float]]]) -> str:
    """Markdown; speed-ups are ratios of medians to the first way's."""
    baseline = middle(next(iter(results.values())), "seconds")
    rows = [
        f"## {net}",
        "",
        "| way | fit, s (each round) | median, s | times as fast | validation accuracy, % | MB beyond the data |",
        "|---|---|---|---|---|---|",
    ]
    for name, rounds in results.items():
        each = " ".join(f"{one['seconds']:.2f}" for one in rounds)
        seconds, accuracy = middle(rounds, "seconds"), 100 * middle(rounds, "accuracy")
        memory = middle(rounds, "megabytes")
        rows.append(f"| {name} | {each} | {seconds:.2f} | {baseline / seconds:.1f} | {accuracy:.2f} | {memory:.0f} |")
    return "\n".join([*rows, ""])


def middle(rounds: list[dict[str, float]], key: str) -> float:
    return statistics.median(one[key] for one in rounds)


if __name__ == "__main__":
    main()
