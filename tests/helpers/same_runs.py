"""Whether two run folders hold the same training, to the last bit."""

import json

import keras
import numpy as np

# What may differ in two reports.
TIMES = ("seconds", "fit_seconds", "timings", "folder")


def timeless(report):
    return {name: value for name, value in report.items() if name not in TIMES}


def assert_same_run(one, other):
    """The same bits in two run folders, but for times and the folders' names."""
    for first, second in zip(variables(one), variables(other), strict=True):
        np.testing.assert_array_equal(first, second)
    for name in ("history.csv", "answers.npy", "model.onnx"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    first, second = (json.loads((folder / "report.json").read_text()) for folder in (one, other))
    assert timeless(first) == timeless(second)


def variables(folder):
    """Weights, and the optimiser's own variables."""
    model = keras.saving.load_model(folder / "model.keras")
    return [*model.get_weights(), *(keras.ops.convert_to_numpy(each) for each in model.optimizer.variables)]
