"""The memory of `tinydigits read` over few files and over many.

    python benchmarks/bulk.py [--files 10000] [--model MODEL]

One file in a hundred is no picture; it must be told, and stop nothing. Memory is the largest resident set of the whole
process; files are links to 20 pictures of 240×240 pixels.
"""

import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from drawn.negatives import negative
from drawn.pages import page
from tinydigits.data.dataset import mnist_test
from tinydigits.formats.model_file import DEFAULT

FEW = 200
BROKEN_EVERY = 100
# The command line, then the peak of its own memory; `getrusage` would tell that of the process it was forked from.
READ_AND_TELL = """
import atexit, sys
from tinydigits.__main__ import main
atexit.register(lambda: sys.stderr.write(open("/proc/self/status").read()))
main()
"""


def write_files(folder: Path, count: int) -> list[str]:
    """The names of `count` links to a few pictures, and to one file that is none."""
    digits = mnist_test()
    for index in range(20):
        picture = page(digits, index).picture if index % 2 else negative("blank pages", index)
        picture.convert("RGB").resize((240, 240)).save(folder / f"picture-{index}.jpg")
    (folder / "broken.jpg").write_text("no picture")
    names = [f"{index:05}.jpg" for index in range(count)]
    for index, name in enumerate(names):
        source = "broken.jpg" if index % BROKEN_EVERY == 0 else f"picture-{index % 20}.jpg"
        os.link(folder / source, folder / name)
    return names


def largest_resident_set(folder: Path, names: list[str], model: str) -> tuple[float, list[dict[str, object]]]:
    """Megabytes that reading the files took at most, and what was printed; on Linux alone."""
    command = [sys.executable, "-c", READ_AND_TELL, "read", *names, "--json", "--model", model]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    kilobytes = re.search(r"VmHWM:\s+(\d+) kB", done.stderr)
    return int(kilobytes[1]) / 1000 if kilobytes else math.nan, [json.loads(line) for line in done.stdout.splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--model", default=DEFAULT)
    options = parser.parse_args()
    model = str(Path(options.model).resolve()) if Path(options.model).exists() else options.model
    with tempfile.TemporaryDirectory() as folder:
        names = write_files(Path(folder), options.files)
        for count in (FEW, options.files):
            megabytes, lines = largest_resident_set(Path(folder), names[:count], model)
            errors = sum("error" in line for line in lines)
            print(f"{count:>6,} files: {len(lines):,} lines, {errors} of them errors, {megabytes:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
