"""Converts a net to a LiteRT file in a process of its own, so that the caller's Keras may run on any backend."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tinydigits.arrays import Float32Array
from tinydigits.engine.compiler.build import run
from tinydigits.errors import MissingDependencyError, ModelError
from tinydigits.export.litert.process import CALIBRATION, CONVERTED, NET
from tinydigits.formats.onnx.file import Metadata, to_bytes
from tinydigits.network.network import Network
from tinydigits.system.backend import installed

# Python's arguments in the converter's process.
PROCESS = ("-P", "-m", "tinydigits.export.litert.process")
# Characters of the converter's complaints that an error message holds.
MOST_SAID = 1000


def refuse_without_tensorflow() -> None:
    """Raises MissingDependencyError if Keras or TensorFlow is not installed."""
    for package in ("keras", "tensorflow"):
        if not installed(package):
            raise MissingDependencyError(
                package,
                found="no such package",
                expected=f"{package} installed: TensorFlow's own converter writes LiteRT files",
                fix="Run: pip install 'tinydigits[train]' (in a checkout: '.[train]')",
            )


def converted(network: Network, calibration: Float32Array | None = None) -> bytes:
    """Returns the LiteRT file, with input `image` and output `probabilities`, each for any number of images.

    TensorFlow must be installed: see `refuse_without_tensorflow`.

    Args:
        calibration: float32 [n, *input_shape], for an int8 file: its scales come from these inputs. None for float32.

    Raises:
        ModelError: the converter fails; the message holds what it said.
    """
    with TemporaryDirectory(prefix="tinydigits-") as name:
        folder = Path(name)
        (folder / NET).write_bytes(to_bytes(network, Metadata("net")))
        if calibration is not None:
            np.save(folder / CALIBRATION, calibration)
        done = run((sys.executable, *PROCESS, name))
        if done.returncode or not (folder / CONVERTED).exists():
            raise ModelError(
                "TensorFlow's converter",
                found=f"exit status {done.returncode}: {(done.stderr or done.stdout)[-MOST_SAID:].strip()}\n",
                expected="a LiteRT file",
            )
        return (folder / CONVERTED).read_bytes()
