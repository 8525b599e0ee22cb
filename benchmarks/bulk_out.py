"""Seconds and memory of `tinydigits read FOLDER --out FILE.parquet`, over few files and many, on one core and on two.

    python benchmarks/bulk_out.py [--files 20000] [--rounds 3] [--kind digits|pages]

Files are links to 200 pictures, single digits of 28×28 pixels or pages of some numbers; one in a hundred is no picture.
Memory is the largest resident set of one process: of the command itself, and of its workers. Each round reads `FEW`
files on one core and on two, in turn; the ratio is of seconds, less those that a reading of two files takes.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from machine import describe_machine
from PIL import Image

from drawn.pages import page
from tinydigits.data.dataset import mnist_test

FEW = 10_000
SOURCES = 200
BROKEN_EVERY = 100
# The command line, then the largest resident sets of its own process and of its workers.
READ_AND_TELL = """
import atexit, resource, sys
from tinydigits.__main__ import main
def tell():
    sys.stderr.write(open("/proc/self/status").read())
    sys.stderr.write(f"Workers: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss} kB")
atexit.register(tell)
main()
"""


def write_files(folder: Path, count: int, kind: str) -> None:
    digits = mnist_test()
    sources = folder / "sources"
    sources.mkdir()
    for index in range(SOURCES):
        picture = Image.fromarray(255 - digits.images[index]) if kind == "digits" else page(digits, index).picture
        picture.convert("L").save(sources / f"{index}.png")
    (sources / "broken.png").write_text("no picture")
    for name, number in (("many", count), ("few", FEW), ("two", 2)):
        (folder / name).mkdir()
        for index in range(number):
            source = "broken.png" if index % BROKEN_EVERY == 99 else f"{index % SOURCES}.png"
            os.link(sources / source, folder / name / f"{index:07}.png")


def reading(folder: Path, name: str, cores: int) -> tuple[float, float, float, str]:
    """Seconds, megabytes of the command, megabytes of a worker, and what was printed."""
    out = folder / "out.parquet"
    out.unlink(missing_ok=True)
    allowed = ",".join(map(str, sorted(os.sched_getaffinity(0))[:cores]))
    command = ["taskset", "-c", allowed, sys.executable, "-c", READ_AND_TELL, "read", name, "--out", str(out)]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    own, workers = (re.search(rf"{word}:\s+(\d+) kB", done.stderr) for word in ("VmHWM", "Workers"))
    assert own is not None, done.stderr
    assert workers is not None
    return seconds, int(own[1]) / 1000, int(workers[1]) / 1000, done.stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kind", choices=["digits", "pages"], default="digits")
    options = parser.parse_args()
    print(describe_machine(), f"- {' '.join(['python', 'benchmarks/bulk_out.py', *sys.argv[1:]])}", sep="\n")
    print(f"- load average {os.getloadavg()[0]:.1f} before", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, options.files, options.kind)
        ratios = []
        for _ in range(options.rounds):
            one, two = (reading(folder, "few", cores)[0] - reading(folder, "two", cores)[0] for cores in (1, 2))
            ratios.append(one / two)
            print(f"{FEW:,} {options.kind}: one core {one:.2f} s, two {two:.2f} s, {one / two:.2f} times", flush=True)
        if ratios:
            print(f"median {statistics.median(ratios):.2f} times")
        for files in ("few", "many"):
            seconds, own, workers, printed = reading(folder, files, 2)
            print(f"{printed} after {seconds:.1f} s; {own:.0f} MB the command, {workers:.0f} MB a worker", flush=True)
    print(f"- load average {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main()
