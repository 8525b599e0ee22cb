"""A sweep of real trainings is killed by SIGKILL, and the same command goes on to the same bits."""

import os
import signal
import subprocess
import sys
import time

import pyarrow.parquet as parquet
import pytest

LIMIT = 240
EPOCHS = 300
# Python that runs tinydigits on as many cores as its first argument says.
ON_CORES = """
import os, runpy, sys
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv.pop(1))])
runpy.run_module("tinydigits", run_name="__main__")
"""
TIMES = {"fit_seconds", "seconds"}


def sweep(folder, digits_file, *options, cores):
    """Starts a sweep of two runs on so many cores."""
    arguments = ["sweep", "mlp", "--set", "optimizer.learning_rate=0.1,0.05", "--seeds", "1", "--epochs", str(EPOCHS)]
    return subprocess.Popen(
        [sys.executable, "-c", ON_CORES, str(cores), *arguments, "--data", digits_file, "--out", folder, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process):
    _, told = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, told
    return told


def rows(folder):
    with parquet.ParquetFile(folder / "results.parquet") as file:
        found = file.read().to_pylist()
    return {row["identity"]: {name: value for name, value in row.items() if name not in TIMES} for row in found}


def epochs(told):
    """Numbers of the epochs in the lines of progress, by run."""
    lines = [line.partition(": epoch ") for line in told.splitlines() if ": epoch " in line]
    return {run: [int(rest.partition("/")[0]) for one, _, rest in lines if one == run] for run, _, _ in lines}


@pytest.mark.parametrize("cores", [1, pytest.param(2, marks=pytest.mark.long)])
def test_a_sweep_that_is_killed_goes_on_from_its_checkpoints_to_the_same_bits(cores, digits_file, tmp_path):
    if len(os.sched_getaffinity(0)) < cores:
        pytest.skip(f"needs {cores} cores")
    killed, kept = (
        sweep(tmp_path / "a", digits_file, "--checkpoint-every", "1", cores=cores),
        tmp_path / "a/checkpoints",
    )
    deadline = time.monotonic() + LIMIT
    while len(list(kept.glob("*.checkpoint"))) < cores and killed.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=LIMIT)
    assert killed.returncode == -signal.SIGKILL
    assert len(list(kept.glob("*.checkpoint"))) == cores
    told = epochs(ended(sweep(tmp_path / "a", digits_file, "--checkpoint-every", "1", cores=cores)))
    assert sum(numbers[0] > 1 for numbers in told.values()) == cores
    ended(sweep(tmp_path / "whole", digits_file, cores=1))
    assert rows(tmp_path / "a") == rows(tmp_path / "whole")
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["results.parquet", "sweep.png"]
