"""Batch prediction by machine code: the same program that trains, asked for answers only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tinydigits.data.dataset import check_images
from tinydigits.engine.compiler.build import build
from tinydigits.engine.compiler.emit import emit
from tinydigits.engine.compiler.planner import make_plan
from tinydigits.engine.compiler.weights import Floats, pack
from tinydigits.engine.keras.examples import images
from tinydigits.engine.runtime.job import Examples
from tinydigits.engine.runtime.program import Program
from tinydigits.errors import DisagreementError
from tinydigits.network.layers import Softmax
from tinydigits.network.network import Network

# Probabilities are compared with the network's own before the code is trusted.
COMPARED = 21
TOLERANCE = 1e-5

Predict = Callable[[NDArray[np.uint8]], Floats]


def predictor(network: Network, threads: int | None = None) -> Predict:
    """`predict`: uint8 `[n, height, width]` or `[n, *input_shape]` → float32 `[n, classes]` of probabilities.

    Raises:
        EngineError: the engine cannot run this network here, or its answers are not the network's.
    """
    ending = () if network.ends_in_softmax else (Softmax(),)
    whole = Network(network.input_shape, (*network.layers, *ending))
    plan = make_plan(whole, "mean_squared_error", "sgd")
    program = Program(plan, build(emit(plan)), threads)
    weights = pack(plan.slots, whole.weights)

    def predict(given: NDArray[np.uint8]) -> Floats:
        check_images(given, "images to predict")
        return program.answers(weights, Examples(images(given, whole.input_shape, "images to predict")))

    compare(predict, whole)
    return predict


def compare(predict: Predict, network: Network) -> None:
    """That `predict` gives the network's own probabilities on some noise."""
    noise = np.random.default_rng(0).integers(0, 256, (COMPARED, *network.input_shape)).astype(np.uint8)
    gap = float(np.abs(predict(noise) - network.predict(noise)).max())
    if not gap <= TOLERANCE:
        raise DisagreementError(
            "native prediction",
            found=f"probabilities off by {gap:.1e}",
            expected=f"at most {TOLERANCE:.0e}",
            fix="ONNX Runtime can run this network.",
        )
