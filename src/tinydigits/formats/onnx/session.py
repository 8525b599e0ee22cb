"""Runs a `Network` in ONNX Runtime, which is fast and does not need Keras."""

from typing import Any

import numpy as np
import onnxruntime

from tinydigits.arrays import Float32Array, Predict, UInt8Images
from tinydigits.data.dataset import model_input, without_channel_axis
from tinydigits.errors import ModelError
from tinydigits.formats.keras_pixels import Pixels
from tinydigits.formats.onnx.file import Metadata, to_bytes
from tinydigits.network.network import Network


def onnx_predict(network: Network, name: str, pixels: Pixels = "0-1") -> Predict:
    """Returns a `predict` that runs the network in ONNX Runtime.

    It takes uint8 [n, height, width] or [n, *input_shape] and returns probabilities, float32 [n, classes]. The ONNX
    model is written from the network here; a file that the network was read from never runs.

    Args:
        pixels: the range that the network takes.
    """
    try:
        session = session_of(to_bytes(network, Metadata(name)))
    except Exception as error:  # ONNX Runtime's error types have no common base class
        raise ModelError(
            name, found=f"a net that cannot be run ({error})", expected="a net of usual size", fix="Train it again."
        ) from error
    shape = without_channel_axis(network.input_shape)

    def predict(images: UInt8Images) -> Float32Array:
        result: Any = session.run(["probabilities"], {"image": model_input(images, shape, pixels=pixels)})
        return np.asarray(result[0], np.float32)

    return predict


def session_of(data: bytes) -> Any:
    """Makes an ONNX Runtime session with one thread, because more threads make such small nets slower."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
