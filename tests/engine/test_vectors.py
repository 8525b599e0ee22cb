"""The two original nets with vectors of four lanes, which every x86-64 processor has."""

import numpy as np
import pytest

from helpers.native import fit
from tinydigits.engine.compiler import build
from tinydigits.engine.predict import predictor
from tinydigits.formats.keras_bridge import network_from_keras
from tinydigits.recipes.recipe import RECIPES, compiled

pytestmark = pytest.mark.parametrize("vectors", ["4 lanes"], indirect=True)


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_four_lanes_train_as_keras_does_and_predict_as_the_network_does(name, few_digits):
    assert "-mno-avx" in build.find_compiler().command
    model = compiled(RECIPES[name])
    before = model.get_weights()[0]
    # `fit` raises where the proof finds a gradient or step of this library that is not Keras' own.
    history = fit(model, few_digits.images, np.eye(10, dtype=np.float32)[few_digits.labels])
    assert np.isfinite(history.history["loss"]).all()
    assert not np.array_equal(model.get_weights()[0], before)
    network = network_from_keras(model)
    np.testing.assert_allclose(predictor(network)(few_digits.images), network.predict(few_digits.images), atol=1e-5)
