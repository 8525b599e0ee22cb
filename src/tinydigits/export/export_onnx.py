"""Writes a net as ONNX, float32 or int8, and proves what was written with ONNX Runtime."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx

from tinydigits.arrays import Float32Array, UInt8Images
from tinydigits.data.dataset import Dataset, check_size, mnist_test, model_input
from tinydigits.export import prove
from tinydigits.export.onnx_int8 import int8_graph
from tinydigits.export.outcome import OutcomeFile, file_outcome, float_scores, for_unit_pixels, refuse_taken
from tinydigits.export.quantise import CALIBRATION_IMAGES, quantise
from tinydigits.export.reference import scores as integer_scores
from tinydigits.export.stages import stages_of
from tinydigits.formats.keras_pixels import Pixels
from tinydigits.formats.onnx.file import Metadata, model_bytes, properties, to_bytes
from tinydigits.formats.onnx.session import onnx_predict, session_of
from tinydigits.network.layers import softmax
from tinydigits.network.network import Network
from tinydigits.system.atomic import new_file

# Images that ONNX Runtime answers at once.
BATCH = 250
# The int8 form may answer otherwise than the whole numbers of `reference` where the two probabilities are at most this
# far apart: ONNX rounds halves to even, `reference` rounds them up.
INT8_DOUBT = 0.1
# The same of the float form: the sums are rounded in another order.
FLOAT_DOUBT = 1e-5


@dataclass(frozen=True, eq=False)
class Form:
    """A net as ONNX, and what it must answer.

    Attributes:
        data: the file's bytes.
        pixels: the range that the file takes.
        expected: probabilities, [n, classes].
        doubt: see `prove.compared_probabilities`.
    """

    data: bytes
    pixels: Pixels
    expected: Float32Array
    doubt: float


def export_onnx(
    network: Network,
    metadata: Metadata,
    path: Path,
    *,
    calibration: UInt8Images,
    int8: bool = False,
    overwrite: bool = False,
    dataset: Dataset | None = None,
) -> OutcomeFile:
    """Writes `network` to the file `path`, after ONNX Runtime has answered `dataset` with it.

    Args:
        calibration: uint8 [n, 28, 28], training images; the int8 form takes its scales from them.
        dataset: images that the proof checks; None for MNIST's 10,000 test images.

    Raises:
        ModelError: the net does not read images of 28×28, or cannot be quantised (also UnsupportedLayerError).
        OutputError: `path` exists, or cannot be written.
    """
    refuse_taken(path, overwrite)
    dataset = dataset or mnist_test()
    check_size(dataset.images, network.input_shape, dataset.name)
    scaled = for_unit_pixels(network, metadata.pixels)
    if int8:
        form = int8_form(scaled, replace(metadata, pixels="0-1"), dataset.images, calibration)
    else:
        expected = softmax(float_scores(scaled, dataset.images))
        form = Form(to_bytes(network, metadata), metadata.pixels, expected, FLOAT_DOUBT)
    onnx.checker.check_model(onnx.load_model_from_string(form.data), full_check=True)
    answers = answers_of(form.data, model_input(dataset.images, network.input_shape, pixels=form.pixels))
    proof = prove.compared_probabilities(answers, form.expected, form.doubt)
    with new_file(path) as temporary:
        temporary.write_bytes(form.data)
    by_float_net = onnx_predict(scaled, metadata.name)(dataset.images)
    return file_outcome("onnx", path, len(form.data), proof, answers, by_float_net, dataset.labels)


def int8_form(network: Network, metadata: Metadata, images: UInt8Images, calibration: UInt8Images) -> Form:
    """Returns the int8 form, which must answer as the whole numbers of `reference` do."""
    stages = quantise(stages_of(network), calibration[:CALIBRATION_IMAGES])
    data = model_bytes(int8_graph(stages, network.input_shape), properties(network, metadata))
    logits = integer_scores(stages, images) * stages[-1].output.scale
    return Form(data, metadata.pixels, softmax(logits.astype(np.float32)), INT8_DOUBT)


def answers_of(data: bytes, x: Float32Array) -> Float32Array:
    """Returns the probabilities, [n, classes], that ONNX Runtime computes of the inputs [n, …]."""
    session = session_of(data)
    x = x.reshape(len(x), *session.get_inputs()[0].shape[1:])
    batches = (x[at : at + BATCH] for at in range(0, len(x), BATCH))
    return np.concatenate([session.run(["probabilities"], {"image": batch})[0] for batch in batches])
