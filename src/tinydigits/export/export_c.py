"""Writes a net as C, float32 or int8, and proves what was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import UInt8Images
from tinydigits.data.dataset import Dataset, check_size, mnist_test
from tinydigits.export import prove
from tinydigits.export.c import emit
from tinydigits.export.c.program import Program
from tinydigits.export.c.units import float_units, integer_units
from tinydigits.export.folder import library_files
from tinydigits.export.outcome import Outcome, float_scores, refuse_taken
from tinydigits.export.quantise import CALIBRATION_IMAGES, quantise
from tinydigits.export.reference import scores as integer_scores
from tinydigits.export.size import Size, refuse_large, size_of
from tinydigits.export.stages import stages_of
from tinydigits.network.network import Network
from tinydigits.system.atomic import new_file, new_folder

# Instructions for a multiply-add in all shipped nets, as benchmarks/microcontrollers.py counts them.
INSTRUCTIONS = "7 to 9 instructions each on a Cortex-M0, 3 to 4 on a Cortex-M4"
UNPROVEN = "the C is unproven: no C compiler here. Install one, or `pip install ziglang`, and export again."


@dataclass(frozen=True)
class Options:
    """What the user asked for; limits in bytes."""

    int8: bool = False
    single_header: bool = False
    max_flash: int | None = None
    max_ram: int | None = None
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True)
class OutcomeC(Outcome):
    """The outcome of an export as C; `bytes` is the size of the code with its header, as files.

    Attributes:
        accuracy: of the reference.
        flash, ram: bytes that a microcontroller needs; see `size`.
    """

    accuracy: float
    flash: int
    ram: int


def export_c(
    network: Network,
    name: str,
    path: Path,
    options: Options,
    *,
    calibration: UInt8Images,
    on_warning: Callable[[str], None],
    dataset: Dataset | None = None,
) -> OutcomeC:
    """Writes `network` as C to `path`, a folder or, with `single_header`, a file; proves it on `dataset` first.

    Args:
        calibration: uint8 [n, 28, 28], training images; the int8 form takes its scales from them.
        dataset: images that the proof checks; None for MNIST's 10,000 test images.

    Raises:
        ModelError: the net does not read images of 28×28, or cannot be quantised (also UnsupportedLayerError).
        OutputError: it needs more than it may, `path` exists, or cannot be written.
        CompilerError: the compiler of this machine does not compile the C.
    """
    refuse_taken(path, options.overwrite)
    dataset = dataset or mnist_test()
    check_size(dataset.images, network.input_shape, dataset.name)
    program, expected = planned(network, options, calibration, dataset.images)
    size = size_of(program)
    refuse_large(size, options.max_flash, options.max_ram)
    accuracy = float(np.mean(expected.argmax(axis=1) == dataset.labels))
    program = with_notes(program, network, name, size, accuracy, len(dataset))
    files = code_files(program, path, options)
    proof = proven(files, program, dataset.images, expected, on_warning)
    write(files, path, name, program, options)
    return OutcomeC(
        to="c",
        path=str(path),
        bytes=sum(len(text.encode()) for text in files.values()),
        checked_images=proof.checked,
        disagreements=len(proof.wrong),
        max_abs_difference=proof.largest,
        accuracy=accuracy,
        flash=size.flash,
        ram=size.ram,
        differing=tuple(map(int, proof.wrong[: prove.MOST_NAMED])),
    )


def code_files(program: Program, path: Path, options: Options) -> dict[str, str]:
    """Returns the C code, by the names of its files."""
    if options.single_header:
        return {path.name: emit.single_header(program)}
    return {"digits.c": emit.source(program), "digits.h": emit.header(program)}


def planned(
    network: Network, options: Options, calibration: UInt8Images, images: UInt8Images
) -> tuple[Program, NDArray[Any]]:
    """Returns the program, and the scores that it must give for `images`."""
    stages = stages_of(network)
    if not options.int8:
        return Program(float_units(stages), int8=False), float_scores(network, images)
    quantised = quantise(stages, calibration[:CALIBRATION_IMAGES])
    program = Program(
        integer_units(quantised),
        int8=True,
        score_scale=quantised[-1].output.scale,
        largest_total=max(stage.largest_total for stage in quantised),
    )
    return program, integer_scores(quantised, images)


def with_notes(program: Program, network: Network, name: str, size: Size, accuracy: float, images: int) -> Program:
    """Returns the program with its head comment."""
    form = "int8" if program.int8 else "float32"
    notes = [
        f"Model         {name}, {network.parameters:,} parameters, {form}",
        f"Accuracy      {100 * accuracy:.2f} % of {images:,} test images",
        f"Weights       SHA-256 {network.weights_sha256}",
        f"Flash         about {size.flash:,} bytes, code and constants (GCC for a Cortex-M0, -Os)",
        f"RAM           {size.ram:,} bytes, and a stack of up to 400 (in the shipped nets)",
        f"Work          {network.multiply_adds:,} multiply-adds for an image",
    ]
    if program.largest_total is not None:
        notes.append(f"              {INSTRUCTIONS}")
        notes.append(
            f"No overflow   no sum leaves ±{program.largest_total:,}, whatever the image: proven from the weights"
        )
    return Program(program.units, program.int8, tuple(notes), program.score_scale, program.largest_total)


def proven(
    files: Mapping[str, str],
    program: Program,
    images: UInt8Images,
    expected: NDArray[Any],
    on_warning: Callable[[str], None],
) -> prove.Proof:
    """Returns what the comparison found; of no images where there is no compiler."""
    if not prove.can_prove():
        on_warning(UNPROVEN)
        return prove.Proof(0, np.zeros(0, np.int64), 0.0)
    score = np.int32 if program.int8 else np.float32
    return prove.compared(*prove.answers(files, images, program.classes, score), expected)


def write(files: Mapping[str, str], path: Path, name: str, program: Program, options: Options) -> None:
    """Writes one header, or a folder that is a library for several build systems."""
    if options.single_header:
        with new_file(path) as temporary:
            temporary.write_text(files[path.name], encoding="utf-8")
        return
    with new_folder(path, overwrite=options.overwrite) as folder:
        for place, text in library_files(files, name, summary(program)).items():
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_text(text, encoding="utf-8")


def summary(program: Program) -> str:
    """Returns the first lines of the head comment as one."""
    return "; ".join(" ".join(line.split()[1:]) for line in program.notes[:2]) + "."
