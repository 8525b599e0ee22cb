"""`python -m tinydigits.export.litert.process FOLDER`: the process that runs TensorFlow's converter.

It reads the net from FOLDER, and inputs for its scales where the file is to be int8, and writes the LiteRT file there.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits.formats.keras_bridge import keras_from_network
from tinydigits.formats.model_file import load_network
from tinydigits.network.layers import Softmax
from tinydigits.network.network import Network
from tinydigits.system import backend

if TYPE_CHECKING:
    import keras

# Files in FOLDER.
NET = "net.onnx"
CALIBRATION = "calibration.npy"
CONVERTED = "net.tflite"


def main() -> None:
    folder = Path(sys.argv[1])
    os.environ["KERAS_BACKEND"] = "tensorflow"
    backend.import_keras()
    network, _ = load_network(str(folder / NET))
    with TemporaryDirectory(dir=folder) as saved:
        # The converter's `from_concrete_functions` fails on models of Keras 3.
        named_model(network).export(saved, format="tf_saved_model", verbose=False)
        converter = converter_of(saved, folder / CALIBRATION)
        (folder / CONVERTED).write_bytes(converter.convert())


def named_model(network: Network) -> keras.Model:
    """Returns the Keras model with input `image` and output `probabilities`: the file's names are those."""
    import keras

    ending = () if network.ends_in_softmax else (Softmax(),)
    image = keras.Input(network.input_shape, name="image")
    chain = keras_from_network(Network(network.input_shape, (*network.layers, *ending)))
    return keras.Model(image, {"probabilities": chain(image)})


def converter_of(saved: str, calibration: Path) -> Any:
    """Returns TensorFlow's converter for a saved model: to int8 throughout where there are inputs for its scales."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_saved_model(saved)
    if calibration.exists():
        inputs = np.load(calibration)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ({"image": one[None]} for one in inputs)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter


if __name__ == "__main__":
    main()
