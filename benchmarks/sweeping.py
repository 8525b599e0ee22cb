"""Seconds of a sweep over seeds of `cnn`, by the project's own pool and by Ray, on one core and on two.

    python benchmarks/sweeping.py [--seeds 10] [--rounds 1]

Each is the whole command, in turn, on nothing that is finished. Per seed: the seconds less those of a sweep of one
epoch of one seed (starting, importing, drawing), which are given as well; 100 seeds are scaled from both.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import describe_machine


def seconds(ray: bool, cores: int, seeds: int, epochs: int) -> float:
    allowed = ",".join(map(str, sorted(os.sched_getaffinity(0))[:cores]))
    with tempfile.TemporaryDirectory() as folder:
        command = ["taskset", "-c", allowed, sys.executable, "-m", "tinydigits", "sweep", "cnn", "--seeds", str(seeds)]
        command += ["--epochs", str(epochs), "--out", str(Path(folder) / "sweep"), *(["--ray"] if ray else [])]
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    print(describe_machine(), f"- {' '.join(['python', 'benchmarks/sweeping.py', *sys.argv[1:]])}\n", sep="\n")
    print("| by | cores | load | s for 1 seed, 1 epoch | s for all seeds | s for 100 seeds, scaled |")
    print("|---|---|---|---|---|---|")
    for _ in range(options.rounds):
        for cores in (1, 2):
            for ray in (False, True):
                start, load = seconds(ray, cores, 1, 1), os.getloadavg()[0]
                whole = seconds(ray, cores, options.seeds, 5)
                scaled = start + 100 * (whole - start) / options.seeds
                name = "Ray" if ray else "pool"
                print(f"| {name} | {cores} | {load:.1f} | {start:.1f} | {whole:.1f} | {scaled:.0f} |", flush=True)


if __name__ == "__main__":
    main()
