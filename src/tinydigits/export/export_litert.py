"""Writes a net as a LiteRT file, float32 or int8, and proves what was written with the runtimes that are installed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinydigits.arrays import Float32Array, Int64Array, UInt8Images
from tinydigits.data.dataset import Dataset, check_size, mnist_test, model_input
from tinydigits.export import prove
from tinydigits.export.litert.convert import converted, refuse_without_tensorflow
from tinydigits.export.litert.runtimes import Runtime, found_runtimes
from tinydigits.export.outcome import OutcomeFile, file_outcome, for_unit_pixels, refuse_taken
from tinydigits.export.quantise import CALIBRATION_IMAGES
from tinydigits.formats.onnx.file import Metadata
from tinydigits.formats.onnx.session import onnx_predict
from tinydigits.network.network import Network
from tinydigits.system.atomic import new_file

# The file may answer otherwise than the float net where its two probabilities are at most this far apart: sums are
# rounded in another order.
FLOAT_DOUBT = 1e-5
# The same of the int8 file. Of the shipped nets, the changed answer of the surest image was 0.13 behind.
INT8_DOUBT = 0.25
UNPROVEN = (
    "the LiteRT file is unproven: no LiteRT here. Run: pip install 'tinydigits[litert]' (in a checkout: '.[litert]'), "
    "and export again."
)


@dataclass(frozen=True, kw_only=True)
class Run:
    """How one runtime answered the images; the fields are those of the outcome."""

    runtime: str
    version: str
    disagreements: int
    max_abs_difference: float
    accuracy: float
    changed_answers: int


@dataclass(frozen=True, kw_only=True)
class OutcomeLiteRT(OutcomeFile):
    """The outcome of an export as LiteRT.

    `accuracy` and `changed_answers` are those of the first runtime; images fail the proof if any runtime fails it.

    Attributes:
        runtimes: what answered the images.
    """

    runtimes: tuple[Run, ...]


def export_litert(
    network: Network,
    metadata: Metadata,
    path: Path,
    *,
    calibration: UInt8Images,
    int8: bool = False,
    on_warning: Callable[[str], None],
    overwrite: bool = False,
    dataset: Dataset | None = None,
) -> OutcomeLiteRT:
    """Writes `network` to the file `path`, after LiteRT and its sibling for microcontrollers have answered `dataset`.

    Args:
        calibration: uint8 [n, 28, 28], training images; the int8 form takes its scales from them.
        dataset: images that the proof checks; None for MNIST's 10,000 test images.

    Raises:
        ModelError: the net does not read images of 28×28, its pixels cannot be scaled, or the converter fails.
        MissingDependencyError: TensorFlow is not installed.
        OutputError: `path` exists, or cannot be written.
    """
    refuse_taken(path, overwrite)
    refuse_without_tensorflow()
    dataset = dataset or mnist_test()
    check_size(dataset.images, network.input_shape, dataset.name)
    network = for_unit_pixels(network, metadata.pixels)
    few = model_input(calibration[:CALIBRATION_IMAGES], network.input_shape, pixels="0-1") if int8 else None
    data = converted(network, few)
    runtimes = found_runtimes()
    if not runtimes:
        on_warning(UNPROVEN)
    x = model_input(dataset.images, network.input_shape, pixels="0-1")
    answers = [runtime.answers(data, x) for runtime in runtimes]
    with new_file(path) as temporary:
        temporary.write_bytes(data)
    expected = onnx_predict(network, metadata.name)(dataset.images)
    doubt = INT8_DOUBT if int8 else FLOAT_DOUBT
    proofs = [prove.compared_probabilities(its, expected, doubt) for its in answers]
    runs = (run_of(*parts, expected, dataset.labels) for parts in zip(runtimes, answers, proofs, strict=True))
    whole = file_outcome(
        "litert", path, len(data), joined(proofs), answers[0] if answers else None, expected, dataset.labels
    )
    return OutcomeLiteRT(**vars(whole), runtimes=tuple(runs))


def joined(proofs: list[prove.Proof]) -> prove.Proof:
    """Returns one proof for all runtimes: an image is wrong if it is so in any."""
    wrong = np.unique(np.concatenate([np.zeros(0, np.int64), *(proof.wrong for proof in proofs)]))
    checked = max((proof.checked for proof in proofs), default=0)
    return prove.Proof(checked, wrong, max((proof.largest for proof in proofs), default=0.0))


def run_of(
    runtime: Runtime, answers: Float32Array, proof: prove.Proof, expected: Float32Array, labels: Int64Array
) -> Run:
    """Returns how a runtime answered; `answers` and `expected` are probabilities [n, classes]."""
    found = answers.argmax(axis=1)
    return Run(
        runtime=runtime.package,
        version=runtime.version,
        disagreements=len(proof.wrong),
        max_abs_difference=proof.largest,
        accuracy=float(np.mean(found == labels)),
        changed_answers=int(np.sum(found != expected.argmax(axis=1))),
    )
