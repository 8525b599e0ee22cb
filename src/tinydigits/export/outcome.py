"""What an export reports, and what all exports ask first."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import UInt8Images
from tinydigits.errors import OutputError
from tinydigits.network.network import Network

# Images whose float scores are computed at once; more would only take more memory.
BATCH = 100


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was written, and how the proof went.

    Attributes:
        to: the form.
        bytes: size of what was written.
        checked_images: 0 if the proof needs a tool that is absent.
        disagreements: images that fail the proof.
        max_abs_difference: the largest difference from the reference, of a score (C) or of a probability.
        accuracy: on all images; None if it is not known, because nothing here runs the form.
        differing: indices of the first images that fail the proof.
    """

    to: str
    path: str
    bytes: int
    checked_images: int
    disagreements: int
    max_abs_difference: float
    accuracy: float | None
    differing: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def refuse_taken(path: Path, overwrite: bool) -> None:
    """Raises OutputError before the work if `path` exists and may not be replaced."""
    if path.exists() and not overwrite:
        raise OutputError(
            path,
            found="something of that name",
            expected="a name that is free",
            fix="Choose another name, or pass --overwrite (overwrite=True) to replace it.",
        )


def float_scores(network: Network, images: UInt8Images) -> NDArray[Any]:
    """Returns logits, float32 [n, classes], by NumPy."""
    x = images.reshape(len(images), *network.input_shape)
    parts = [network.logits(x[at : at + BATCH] / np.float32(255)) for at in range(0, len(x), BATCH)]
    return np.concatenate(parts)
