"""The released Keras files are the shipped nets, as stock Keras reads them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tinydigits.formats import model_file

RELEASE = Path(__file__).parents[1] / "release"
SCRIPT = """
import sys
import keras
import numpy as np
images = np.load(sys.argv[1]) / np.float32(255)
for name in sys.argv[2:]:
    model = keras.saving.load_model(f"{name}.keras", safe_mode=True)
    answers = model(images.reshape(-1, *model.input_shape[1:]), training=False)
    np.save(sys.argv[1].replace("images", name), np.asarray(answers if model.layers[-1].get_config()
        .get("activation") == "softmax" else keras.ops.softmax(answers)))
assert not any(module.startswith("tinydigits") for module in sys.modules)
"""


@pytest.fixture(scope="module")
def answers(few_digits, tmp_path_factory):
    """What stock Keras answers, by net: in a process that never saw tinydigits."""
    folder = tmp_path_factory.mktemp("answers")
    np.save(folder / "images.npy", few_digits.images)
    command = [sys.executable, "-c", SCRIPT, str(folder / "images.npy"), *model_file.SHIPPED]
    subprocess.run(command, cwd=RELEASE, check=True, timeout=300, capture_output=True)
    return {name: np.load(folder / f"{name}.npy") for name in model_file.SHIPPED}


def test_every_shipped_net_is_released():
    assert sorted(path.stem for path in RELEASE.glob("*.keras")) == sorted(model_file.SHIPPED)


@pytest.mark.parametrize("name", model_file.SHIPPED)
def test_stock_keras_answers_as_the_shipped_net_does(name, answers, few_digits):
    np.testing.assert_allclose(answers[name], model_file.load(name).predict(few_digits.images), atol=1e-5)
