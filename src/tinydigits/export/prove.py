"""Compares answers with a reference's; compiles generated C for this machine and lets it answer images."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import UInt8Images
from tinydigits.engine.compiler.build import candidates, run
from tinydigits.errors import CompilerError
from tinydigits.system.interruption import obey_interruptions

# How the generated code is compiled for the proof.
FLAGS = ("-std=c99", "-O2", "-shared", "-fPIC")
# The file that is compiled.
SOURCE = "digits.c"
# Most images that a message about a failed proof names.
MOST_NAMED = 10


@dataclass(frozen=True, eq=False)
class Proof:
    """What a comparison with the reference found.

    Attributes:
        checked: number of images.
        wrong: indices of images with another label than the reference's, or, of whole numbers, another score.
        largest: the largest difference of a score.
    """

    checked: int
    wrong: NDArray[np.int64]
    largest: float


def compared(labels: NDArray[Any], scores: NDArray[Any], expected: NDArray[Any]) -> Proof:
    """Compares labels and scores with the reference's scores [n, classes]; whole numbers must be the same."""
    differences = np.abs(scores.astype(np.float64) - expected)
    other = labels != expected.argmax(axis=1)
    if np.issubdtype(expected.dtype, np.integer):
        other = other | differences.any(axis=1)
    return Proof(len(labels), np.flatnonzero(other), float(differences.max(initial=0)))


def compared_probabilities(probabilities: NDArray[Any], expected: NDArray[Any], doubt: float = 0.0) -> Proof:
    """Compares probabilities with the reference's, both [n, classes].

    Args:
        doubt: an answer may be another one than the reference's where the reference's probabilities of the two are less
            than this apart. 0 if answers must be the same.
    """
    labels, every = probabilities.argmax(axis=1), np.arange(len(expected))
    margins = expected.max(axis=1) - expected[every, labels]
    wrong = (labels != expected.argmax(axis=1)) & (margins >= doubt)
    differences = np.abs(probabilities.astype(np.float64) - expected)
    return Proof(len(expected), np.flatnonzero(wrong), float(differences.max(initial=0)))


def can_prove() -> bool:
    """Returns whether this machine has a C compiler."""
    return bool(candidates())


def answers(
    files: Mapping[str, str], images: UInt8Images, classes: int, score: type[np.generic]
) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Returns the labels [n] and the scores [n, classes] of the generated C.

    Args:
        files: digits.c and digits.h, or one header with all the code, by name.
        score: the type of a score.

    Raises:
        CompilerError: the compiler does not compile the code.
    """
    with TemporaryDirectory(prefix="tinydigits-") as folder:
        library = ctypes.CDLL(str(compiled(files, Path(folder))))
        labels, scores = np.zeros(len(images), np.int64), np.zeros((len(images), classes), score)
        pixels = np.ascontiguousarray(images)
        for index in range(len(images)):
            obey_interruptions()
            places = (ctypes.c_void_p(array[index:].ctypes.data) for array in (pixels, scores))
            labels[index] = library.digits_predict(*places)
    return labels, scores


def compiled(files: Mapping[str, str], folder: Path) -> Path:
    """Returns a shared library of the generated C, made in `folder`."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    if SOURCE not in files:
        (folder / SOURCE).write_text(
            f'#define DIGITS_IMPLEMENTATION\n#include "{next(iter(files))}"\n', encoding="utf-8"
        )
    library = folder / "digits.so"
    done = run((*candidates()[0], *FLAGS, str(folder / SOURCE), "-o", str(library)))
    if done.returncode:
        raise CompilerError(
            f"C compiler `{' '.join(candidates()[0])}`",
            found=f"exit status {done.returncode}:\n{done.stderr or done.stdout}\n",
            expected="a library",
            fix="Name another compiler in the variable CC.",
        )
    return library
