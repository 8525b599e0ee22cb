"""Each of Keras' backends trains natively, and comes to what Keras' own `fit` on that backend comes to."""

import importlib.util
import os
import subprocess
import sys

import pytest

BACKENDS = [
    pytest.param(
        name, marks=pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"{name} is not installed")
    )
    for name in ("jax", "torch")
]
TRAINED_BY_BOTH = """
import sys
import keras, numpy as np, tinydigits
from keras import layers, optimizers

assert keras.backend.backend() == sys.argv[1]
random = np.random.default_rng(0)
x, y = random.uniform(0, 1, (60, 8, 8, 1)).astype("float32"), random.integers(0, 4, 60)
RULES = {
    "sgd": lambda: optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 3, 0.9), momentum=0.9, nesterov=True),
    "adam": lambda: optimizers.Adam(0.01),
    "adamw": lambda: optimizers.AdamW(0.01),
}

def compiled(rule):
    keras.utils.set_random_seed(0)
    parts = [layers.Conv2D(3, 3, activation="relu"), layers.Flatten(), layers.Dense(4, activation="softmax")]
    model = keras.Sequential([layers.Input((8, 8, 1)), *parts])
    model.compile(RULES[rule](), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

settings = {"epochs": 2, "shuffle": False, "verbose": 0, "validation_data": (x[:20], y[:20])}
for rule in RULES:
    ours, theirs = compiled(rule), compiled(rule)
    native, by_keras = tinydigits.fit(ours, x, y, engine="native", **settings), theirs.fit(x, y, **settings)
    assert list(native.history) == list(by_keras.history)
    for name, values in by_keras.history.items():
        np.testing.assert_allclose(native.history[name], values, rtol=1e-3, atol=1e-5)
    # Each goes on where the other ended, the optimiser's own arrays included.
    native, by_keras = tinydigits.fit(theirs, x, y, engine="native", **settings), ours.fit(x, y, **settings)
    np.testing.assert_allclose(native.history["loss"], by_keras.history["loss"], rtol=1e-3, atol=1e-5)
print("alike")
"""


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backend_trains_natively_as_keras_does(backend):
    environment = {**os.environ, "KERAS_BACKEND": backend}
    done = subprocess.run(
        [sys.executable, "-c", TRAINED_BY_BOTH, backend], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "alike\n"), done.stderr
