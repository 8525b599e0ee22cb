"""Mutation testing: whether the tests of a module notice one small change of its code, many times.

    python tools/mutants.py [--sample N] [--seed N] [MODULE …]

For each module (default: all of `TESTED`), cosmic-ray makes its mutants in a copy of the checkout, a seeded sample of
them is tested with the module's own tests, which have to pass without a mutant first, and a line says how many were
killed; the survivors' changes follow. Mutants of types are left out: nothing evaluates these.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem, WorkResult

ROOT = Path(__file__).parents[1]
# Modules without TensorFlow, and the tests that are theirs.
TESTED = {
    "formats/checkpoint_file": "tests/formats/test_checkpoint_file.py",
    "shipped/files": "tests/shipped/test_files.py",
    "system/atomic": "tests/system/test_atomic.py tests/system/test_hidden.py",
    "evaluation/metrics": "tests/evaluation/test_metrics.py",
    "data/idx": "tests/data/test_idx.py",
    "export/size": "tests/export/test_size.py",
}
# What of the checkout the tests need.
NEEDED = ("src", "tests", "tools", "benchmarks", "docs", "pyproject.toml")
# Longest time for the tests of one mutant, in seconds.
LIMIT = 120
CONFIG = """[cosmic-ray]
module-path = "{module}"
timeout = {limit}
excluded-modules = []
test-command = "{python} -m pytest -q -x -p no:xdist -p no:cacheprovider {tests}"
[cosmic-ray.distributor]
name = "local"
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", default=list(TESTED))
    parser.add_argument("--sample", type=int, default=20, help="mutants of each module")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder)
        for name in NEEDED:
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, copy / name)
        for module in arguments.modules:
            results, made = tested(module, copy, arguments.sample, arguments.seed)
            killed = [result for _, result in results if result.is_killed]
            print(f"{module}: {len(killed)} killed of {len(results)} tested ({made} made)", flush=True)
            for item, result in results:
                if not result.is_killed:
                    print(f"  survived: {item.mutations[0].operator_name}\n{result.diff}", flush=True)


def tested(module: str, copy: Path, sample: int, seed: int) -> tuple[list[tuple[WorkItem, WorkResult]], int]:
    """The mutants that were tested, each with its result, and how many could be made."""
    path, session = f"src/tinydigits/{module}.py", copy / f"{module.replace('/', '-')}.sqlite"
    config = session.with_suffix(".toml")
    text = CONFIG.format(module=path, limit=LIMIT, python=sys.executable, tests=TESTED[module])
    config.write_text(text, encoding="utf-8")
    cosmic_ray(copy, "baseline", config.name)
    cosmic_ray(copy, "init", config.name, session.name)
    with use_db(session, WorkDB.Mode.open) as database:
        made = [item for item in database.work_items if not is_annotation(item, copy / path)]
        chosen = {item.job_id for item in random.Random(seed).sample(made, min(sample, len(made)))}
        skipped = WorkResult(WorkerOutcome.SKIPPED, test_outcome=TestOutcome.INCOMPETENT)
        for item in list(database.work_items):
            if item.job_id not in chosen:
                database.set_result(item.job_id, skipped)
    cosmic_ray(copy, "exec", config.name, session.name)
    with use_db(session, WorkDB.Mode.open) as database:
        results = dict(database.results)
        return [(item, results[item.job_id]) for item in database.work_items if item.job_id in chosen], len(made)


def is_annotation(item: WorkItem, path: Path) -> bool:
    """Whether a mutant changes `X | Y` of a type: cosmic-ray takes it for an operator."""
    change = item.mutations[0]
    line = path.read_text("utf-8").splitlines()[change.start_pos[0] - 1]
    return "BitOr" in change.operator_name and ("->" in line or ":" in line.split("|")[0])


def cosmic_ray(copy: Path, *arguments: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(copy / "src")}
    command = [str(Path(sys.executable).with_name("cosmic-ray")), *arguments]
    subprocess.run(command, cwd=copy, env=environment, check=True)


if __name__ == "__main__":
    main()
