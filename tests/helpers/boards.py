"""Runs generated C on processors that microcontrollers have, under QEMU and simavr."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SOURCES = Path(__file__).parents[1] / "export" / "boards"
# Images that fit into the flash of an ATmega328P beside the net.
AVR_IMAGES = 30
# Cycles of a tick of the AVR's timer.
AVR_TICK = 1024


@dataclass(frozen=True)
class Board:
    """A processor to run on.

    Attributes:
        compiler: command and flags.
        machine: QEMU's command; empty for simavr.
        instructions: executed in a tick of its counter, under `-icount shift=0` (1 ns an instruction).
    """

    name: str
    compiler: tuple[str, ...]
    machine: tuple[str, ...]
    folder: str
    instructions: float = 1.0

    @property
    def missing(self) -> list[str]:
        """Tools that are not installed."""
        tools = (self.compiler[0], (self.machine or ("simavr",))[0])
        return [tool for tool in tools if shutil.which(tool) is None]


BARE = ("-std=gnu99", "-O2", "-nostdlib", "-ffreestanding", "-Wall", "-Wextra")
ARM = ("arm-none-eabi-gcc", "-mthumb", *BARE)
QEMU = ("-nographic", "-monitor", "none", "-serial", "none", "-semihosting", "-icount", "shift=0", "-kernel")
BOARDS = (
    Board(
        "cortex-m0",
        (*ARM, "-mcpu=cortex-m0", "-DSTACK=0x20004000"),
        ("qemu-system-arm", "-M", "microbit", *QEMU),
        "cortex_m",
        62.5,  # 16 MHz
    ),
    Board(
        "cortex-m4",
        (*ARM, "-mcpu=cortex-m4", "-DSTACK=0x20010000"),
        ("qemu-system-arm", "-M", "mps2-an386", *QEMU),
        "cortex_m",
        40,  # 25 MHz
    ),
    Board(
        "riscv32",
        ("riscv64-unknown-elf-gcc", "-march=rv32imac", "-mabi=ilp32", "-mcmodel=medany", *BARE),
        ("qemu-system-riscv32", "-M", "virt", "-bios", "none", *QEMU),
        "riscv32",
    ),
)
AVR = Board(
    "atmega328p",
    ("avr-gcc", "-std=gnu99", "-O2", "-mmcu=atmega328p", "-DF_CPU=16000000UL", "-Wall", "-Wextra"),
    (),
    "avr",
    AVR_TICK,
)


def answers_on(board, files, images, folder):
    """Returns the scores, int32 [n, classes], and the instructions (cycles of an AVR) that the first image took.

    Args:
        files: digits.c and digits.h, by name.
        folder: an empty folder to work in.
    """
    for name, text in files.items():
        (folder / name).write_text(text)
    return on_avr(board, images, folder) if board is AVR else on_qemu(board, images, folder)


def on_qemu(board, images, folder):
    program, place = folder / "digits.elf", SOURCES / board.folder
    include = (f"-I{place}", f"-I{folder}", "-T", place / "link.ld")
    done(board.compiler + include + (SOURCES / "replay.c", folder / "digits.c", "-lgcc", "-o", program), folder)
    (folder / "images.bin").write_bytes(np.ascontiguousarray(images).tobytes())
    done((*board.machine, program), folder)
    numbers = np.frombuffer((folder / "scores.bin").read_bytes(), "<i4")
    return numbers[:-1].reshape(len(images), -1), int(numbers[-1] * board.instructions)


def on_avr(board, images, folder):
    parts = [on_avr_once(board, images[at : at + AVR_IMAGES], folder) for at in range(0, len(images), AVR_IMAGES)]
    numbers = np.concatenate(parts)
    return numbers[:, :-1], int(numbers[0, -1] * AVR_TICK)


def on_avr_once(board, images, folder):
    pixels = ",".join(map(str, images.ravel()))
    text = f"enum {{ IMAGES = {len(images)} }};\nstatic const uint8_t images[] PROGMEM = {{{pixels}}};\n"
    (folder / "images.h").write_text(text)
    program = folder / "digits.elf"
    done((*board.compiler, f"-I{folder}", SOURCES / "avr/replay.c", folder / "digits.c", "-o", program), folder)
    output = done(("simavr", "-m", "atmega328p", "-f", "16000000", program), folder)
    lines = [re.findall("[0-9a-f]{8}(?= )", line) for line in output.splitlines()]
    values = [[int(word, 16) for word in line] for line in lines if len(line) > 1]
    return np.array(values, np.uint32).astype(np.int32)


def done(command, folder):
    """Runs a command in `folder`; returns what it wrote."""
    ended = subprocess.run(
        list(map(str, command)), cwd=folder, check=False, capture_output=True, text=True, timeout=3000
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout + ended.stderr
