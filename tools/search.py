"""Search for nets under a budget of parameters: successive halving over recipes, natively, one trial a core.

    python tools/search.py FILE.jsonl --budget 10000 [--rungs 8 24 72] [--keep 3] [--only NAME …] [--cores N]

Every candidate is trained for the first number of epochs; the best third goes on to the next, from the start and with
another seed more each time. What counts is the mean validation loss, at the best temperature, over a candidate's trials
on a rung: of 5,000 images it tells more than accuracy, which moves in steps. "Corrupted" is the mean accuracy on 1,000
validation images under the corruptions of MNIST-C. Test images are never looked at. Each trial is a line of the file as
soon as it is done, and trials that the file has are not run again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Queue
from statistics import mean
from typing import Any

from candidates import CANDIDATES, Candidate, parameters


@dataclass(frozen=True)
class Trial:
    """One training of a candidate."""

    candidate: Candidate
    epochs: int
    seed: int

    def key(self) -> str:
        return json.dumps({**asdict(self.candidate), "epochs": self.epochs, "seed": self.seed}, sort_keys=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--budget", type=int, default=10_000)
    parser.add_argument("--rungs", type=int, nargs="+", default=[8, 24, 72])
    parser.add_argument("--keep", type=int, default=3, help="one in so many goes on")
    parser.add_argument("--only", nargs="*", help="names of candidates")
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    arguments = parser.parse_args()
    alive = [one for one in CANDIDATES if parameters(one.layers) < arguments.budget]
    alive = [one for one in alive if not arguments.only or one.name in arguments.only]
    for rung, epochs in enumerate(arguments.rungs):
        trials = [Trial(one, epochs, seed) for one in alive for seed in range(rung + 1)]
        results = run_all(trials, arguments.file, arguments.cores)
        ranked = sorted(alive, key=lambda one: score(one, results))
        print(table(epochs, ranked, results), flush=True)
        alive = ranked[: max(1, -(-len(ranked) // arguments.keep))]


def run_all(trials: list[Trial], file: Path, cores: int) -> list[dict[str, Any]]:
    """The results of all trials, those that `file` has among them; one core each."""
    done = {line["key"]: line for line in lines_of(file)}
    waiting = [trial for trial in trials if trial.key() not in done]
    free: Queue[int] = Queue()
    for core in sorted(os.sched_getaffinity(0))[:cores]:
        free.put(core)

    def run(trial: Trial) -> None:
        core = free.get()
        try:
            result = run_trial(trial, core)
        finally:
            free.put(core)
        with file.open("a") as log:
            log.write(json.dumps(result) + "\n")
        done[result["key"]] = result

    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(run, waiting))
    return [done[trial.key()] for trial in trials]


def lines_of(file: Path) -> Iterator[dict[str, Any]]:
    if file.exists():
        yield from map(json.loads, file.read_text().splitlines())


def run_trial(trial: Trial, core: int) -> dict[str, Any]:
    """One training in a process of its own, pinned to a core."""
    command = [sys.executable, str(Path(__file__).with_name("candidates.py")), trial.key(), str(core)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{trial.candidate.name} failed:\n{done.stderr}")
    return {"key": trial.key(), "name": trial.candidate.name, **json.loads(done.stdout.splitlines()[-1])}


def of(candidate: Candidate, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [result for result in results if result["name"] == candidate.name]


def score(candidate: Candidate, results: list[dict[str, Any]]) -> float:
    return mean(result["validation_loss"] for result in of(candidate, results))


def table(epochs: int, ranked: list[Candidate], results: list[dict[str, Any]]) -> str:
    rows = [
        f"## {epochs} epochs",
        "",
        "| candidate | parameters | validation loss | validation accuracy, % | corrupted, % | training loss | s |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in ranked:
        found = of(one, results)
        each = " ".join(f"{100 * result['validation_accuracy']:.2f}" for result in found)
        loss, seconds = mean(result["loss"] for result in found), mean(result["seconds"] for result in found)
        corrupted = 100 * mean(result["corrupted"] for result in found)
        figures = f"{score(one, results):.4f} | {each} | {corrupted:.1f} | {loss:.4f} | {seconds:.0f}"
        rows.append(f"| {one.name} | {parameters(one.layers):,} | {figures} |")
    return "\n".join([*rows, ""])


if __name__ == "__main__":
    main()
