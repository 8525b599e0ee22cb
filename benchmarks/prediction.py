"""How many images a second `cnn` answers: compiled, by ONNX Runtime, and by Keras.

    python benchmarks/prediction.py [--rounds N]

60,000 uint8 images at once, all cores, all ways in turn; medians. Scaling to [0, 1] is part of each way's time.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import onnxruntime
from machine import describe_machine

from tinydigits.data.dataset import mnist, scaled
from tinydigits.engine.predict import predictor
from tinydigits.formats.keras_bridge import network_from_keras
from tinydigits.formats.onnx.file import Metadata, to_bytes
from tinydigits.recipes import recipe as recipes

ONNX_BATCH = 1000

Ways = dict[str, Callable[[np.ndarray], np.ndarray]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    data = mnist()
    images = np.concatenate([data.train.images, data.validation.images])
    found = ways()
    answers = {name: predict(images[:1000]) for name, predict in found.items()}
    first = next(iter(answers.values()))
    assert all(np.allclose(first, other, atol=1e-5) for other in answers.values())
    seconds: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(rounds):
        for name, predict in found.items():
            started = time.perf_counter()
            predict(images)
            seconds[name].append(time.perf_counter() - started)
    print(describe_machine(), f"- `python benchmarks/prediction.py`; {rounds} rounds, medians", "", sep="\n")
    print("| way | images a second |", "|---|---|", sep="\n")
    for name, times in seconds.items():
        print(f"| {name} | {len(images) / statistics.median(times):,.0f} |")


def ways() -> Ways:
    """Each way to predict, uint8 [n, 28, 28] → float32 [n, 10]."""
    model = recipes.compiled(recipes.RECIPES["cnn"])
    network = network_from_keras(model)
    session = onnxruntime.InferenceSession(to_bytes(network, Metadata("cnn")), providers=["CPUExecutionProvider"])

    def by_onnx(images: np.ndarray) -> np.ndarray:
        parts = (images[i : i + ONNX_BATCH] for i in range(0, len(images), ONNX_BATCH))
        return np.concatenate([session.run(["probabilities"], {"image": scaled(part)})[0] for part in parts])

    def by_keras(images: np.ndarray) -> np.ndarray:
        return model.predict(scaled(images)[..., None], batch_size=ONNX_BATCH, verbose=0)

    return {
        "tinydigits native": predictor(network),
        f"ONNX Runtime, {ONNX_BATCH} at a time": by_onnx,
        f"Keras `model.predict`, {ONNX_BATCH} at a time": by_keras,
    }


if __name__ == "__main__":
    main()
