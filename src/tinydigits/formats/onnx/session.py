"""Run a `Network` in ONNX Runtime: the quick way to probabilities where Keras is not installed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime

from tinydigits.arrays import Float32Array, UInt8Images
from tinydigits.data.dataset import model_input, without_channel_axis
from tinydigits.errors import ModelError
from tinydigits.formats.onnx.file import Metadata, to_bytes
from tinydigits.network.network import Network


def onnx_predict(network: Network, name: str) -> Callable[[UInt8Images], Float32Array]:
    """`predict` (uint8 [n, height, width] or [n, *input_shape] → float32 [n, classes]) of a network.

    The file that runs is written from the network here, whatever file the network was read from.
    """
    try:
        session = session_of(to_bytes(network, Metadata(name)))
    except Exception as error:  # ONNX Runtime has error types of its own, which share no base
        raise ModelError(
            name, found=f"a net that cannot be run ({error})", expected="a net of usual size", fix="Train it again."
        ) from error
    shape = without_channel_axis(network.input_shape)

    def predict(images: UInt8Images) -> Float32Array:
        result: Any = session.run(["probabilities"], {"image": model_input(images, shape)})
        return np.asarray(result[0], np.float32)

    return predict


def session_of(data: bytes) -> Any:
    """An ONNX Runtime session on one thread: nets this small lose more by sharing work than they gain."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
