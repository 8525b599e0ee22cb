"""What the shipped nets need on microcontrollers as int8 C: flash, RAM, instructions.

    python benchmarks/microcontrollers.py [NET…]

Flash is code and constants, RAM what is kept between calls, both as GCC makes them for a Cortex-M0 with -Os.
Instructions are those of the first test image with -O2, counted by QEMU; of the ATmega328P, cycles counted by simavr.
Needs Debian's gcc-arm-none-eabi, qemu-system-arm, qemu-system-misc, gcc-riscv64-unknown-elf, gcc-avr, avr-libc, simavr.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from helpers.boards import AVR, BOARDS, answers_on
from tinydigits.data.dataset import mnist
from tinydigits.export.c.emit import header, source
from tinydigits.export.c.program import Program
from tinydigits.export.c.units import integer_units
from tinydigits.export.quantise import CALIBRATION_IMAGES, quantise
from tinydigits.export.stages import stages_of
from tinydigits.formats.model_file import SHIPPED, load_network

SIZE = "arm-none-eabi-gcc -std=c99 -mcpu=cortex-m0 -mthumb -Os -c digits.c -o digits.o && arm-none-eabi-size digits.o"
# The other nets are too large for the flash of an ATmega328P beside an image, or take seconds.
AVR_NETS = ("pocket-1k",)


def main() -> None:
    data = mnist()
    print(f"| net | flash | RAM | {' | '.join(board.name for board in (*BOARDS, AVR))} |")
    print("|---|---|---|" + "---|" * (len(BOARDS) + 1))
    for name in sys.argv[1:] or SHIPPED:
        quantised = quantise(stages_of(load_network(name)[0]), data.train.images[:CALIBRATION_IMAGES])
        program = Program(integer_units(quantised), int8=True)
        files = {"digits.c": source(program), "digits.h": header(program)}
        boards = [*BOARDS, *([AVR] if name in AVR_NETS else [])]
        counts = [instructions(board, files, data.test.images[:1]) for board in boards]
        cells = [f"{count / 1e6:.2f} M" for count in counts] + ["–"] * (len(BOARDS) + 1 - len(counts))
        flash, ram = sizes(files)
        print(f"| `{name}` | {flash:,} | {ram:,} | {' | '.join(cells)} |", flush=True)


def instructions(board, files, images) -> int:
    with TemporaryDirectory() as folder:
        return answers_on(board, files, images, Path(folder))[1]


def sizes(files) -> tuple[int, int]:
    """Flash and RAM, in bytes."""
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).write_text(text)
        done = subprocess.run(SIZE, shell=True, cwd=folder, check=True, capture_output=True, text=True)
    text, initialised, zeros = map(int, done.stdout.splitlines()[1].split()[:3])
    return text + initialised, initialised + zeros


if __name__ == "__main__":
    main()
