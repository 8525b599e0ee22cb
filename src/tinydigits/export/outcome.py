"""What an export reports, and what all exports ask first."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Float32Array, Int64Array, UInt8Images
from tinydigits.errors import OutputError
from tinydigits.export.prove import MOST_NAMED, Proof
from tinydigits.formats.keras_pixels import Pixels
from tinydigits.network.network import Network
from tinydigits.network.rescaled import for_smaller_inputs

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


@dataclass(frozen=True, kw_only=True)
class OutcomeFile(Outcome):
    """The outcome of an export as a file that another program runs.

    Attributes:
        changed_answers: images whose answer is not the float net's; rounding to 8 bits changes some.
    """

    changed_answers: int


def file_outcome(
    to: str,
    path: Path,
    size: int,
    proof: Proof,
    answers: Float32Array | None,
    by_float_net: Float32Array,
    labels: Int64Array,
) -> OutcomeFile:
    """Returns the outcome of probabilities [n, classes], the file's and the float net's; None if nothing ran it."""
    found = None if answers is None else answers.argmax(axis=1)
    return OutcomeFile(
        to=to,
        path=str(path),
        bytes=size,
        checked_images=proof.checked,
        disagreements=len(proof.wrong),
        max_abs_difference=proof.largest,
        accuracy=None if found is None else float(np.mean(found == labels)),
        differing=tuple(map(int, proof.wrong[:MOST_NAMED])),
        changed_answers=0 if found is None else int(np.sum(found != by_float_net.argmax(axis=1))),
    )


def refuse_taken(path: Path, overwrite: bool) -> None:
    """Raises OutputError before the work if `path` exists and may not be replaced."""
    if path.exists() and not overwrite:
        raise OutputError(
            path,
            found="something of that name",
            expected="a name that is free",
            fix="Choose another name, or pass --overwrite (overwrite=True) to replace it.",
        )


def for_unit_pixels(network: Network, pixels: Pixels) -> Network:
    """Returns the network that takes pixels of 0 to 1 and answers as `network` does with `pixels`.

    Raises:
        UnsupportedLayerError: the scale of the pixels cannot be multiplied into a layer.
    """
    return network if pixels == "0-1" else for_smaller_inputs(network, 255)


def float_scores(network: Network, images: UInt8Images) -> NDArray[Any]:
    """Returns logits, float32 [n, classes], by NumPy."""
    x = images.reshape(len(images), *network.input_shape)
    parts = [network.logits(x[at : at + BATCH] / np.float32(255)) for at in range(0, len(x), BATCH)]
    return np.concatenate(parts)
