"""Fit temperature and not-a-digit score to model files, in place: nothing else in them changes.

    python tools/calibrate.py src/tinydigits/shipped/weights/cnn.onnx …

Temperature and threshold come from MNIST's validation images, means and covariance from its training images.
"""

import sys
from dataclasses import replace
from pathlib import Path

from tinydigits.data.dataset import Splits, mnist
from tinydigits.formats.model_file import from_network
from tinydigits.formats.onnx import file as onnx_file
from tinydigits.reader.calibration import fit_not_a_digit, fit_temperature
from tinydigits.system.atomic import new_file


def calibrate(path: Path, splits: Splits) -> None:
    """Write a model file anew, with what was fitted on `splits` in its metadata."""
    network, metadata = onnx_file.read(path)
    predict = from_network(network, metadata).predict
    validation = splits.validation
    fitted = replace(
        metadata,
        temperature=fit_temperature(predict(validation.images), validation.labels),
        rejection=fit_not_a_digit(predict, splits.train, validation).as_json(),
    )
    with new_file(path) as temporary:
        temporary.write_bytes(onnx_file.to_bytes(network, fitted))
    print(f"{path.name}: temperature {fitted.temperature:.3f}, threshold {fitted.rejection['threshold']:.3f}")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        calibrate(Path(name), mnist())
