"""The quickest honest way to 99 %: seconds of `fit`, and test accuracy, of the recipe `sprint`, seed after seed.

    python benchmarks/sprint.py [--epochs 2 8] [--seeds 10] [--record FILE.json]

Each training is the command `tinydigits train sprint --seed N --epochs E`, in a process of its own, on all cores;
`fit` has the training images as uint8 in memory at its start, and a score of the 5,000 validation images after each
epoch at its end. A first training, not counted, compiles the net. Nothing is chosen by these scores: neither seeds nor
epochs. The test images are scored once a run.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from machine import describe_machine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, nargs="+", default=[2, 8])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--record", type=Path, help="write every run's report there")
    arguments = parser.parse_args()
    print(describe_machine())
    print(f"- `python benchmarks/sprint.py {' '.join(sys.argv[1:])}`; seeds 0 to {arguments.seeds - 1}\n")
    trained(0, 1)
    runs = [trained(seed, epochs) for epochs in arguments.epochs for seed in range(arguments.seeds)]
    print(table(runs))
    if arguments.record:
        arguments.record.write_text(json.dumps(runs, indent=1) + "\n")


def trained(seed: int, epochs: int) -> dict[str, Any]:
    """The report of one run."""
    with tempfile.TemporaryDirectory() as folder:
        recipe = ["sprint", "--seed", str(seed), "--epochs", str(epochs), "--engine", "native"]
        command = [sys.executable, "-m", "tinydigits", "train", *recipe, "--json", "--out", f"{folder}/run"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return json.loads(done.stdout)


def table(runs: list[dict[str, Any]]) -> str:
    rows = [
        "| epochs | `fit`, s: median (range) | test, %: mean ± sd | range | validation, % | every seed's test, % |",
        "|---|---|---|---|---|---|",
    ]
    for epochs in sorted({run["epochs"] for run in runs}):
        some = [run for run in runs if run["epochs"] == epochs]
        seconds = [run["fit_seconds"] for run in some]
        tests = [100 * run["accuracy"]["test"] for run in some]
        validation = statistics.mean(100 * run["accuracy"]["validation"] for run in some)
        spread = f" ± {statistics.stdev(tests):.3f}" if len(tests) > 1 else ""
        rows.append(
            f"| {epochs} | {statistics.median(seconds):.2f} ({min(seconds):.2f} – {max(seconds):.2f}) "
            f"| {statistics.mean(tests):.3f}{spread} | {min(tests):.2f} – {max(tests):.2f} | {validation:.3f} "
            f"| {' '.join(f'{test:.2f}' for test in tests)} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
