import keras
import pytest

from tinydigits.errors import ModelError
from tinydigits.formats.keras_file import read_keras


def test_a_lambda_in_a_keras_file_is_never_run(tmp_path):
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Lambda(lambda x: x)])
    model.save(tmp_path / "lambda.keras")
    keras.saving.load_model(tmp_path / "lambda.keras", safe_mode=False)  # the control: Keras would run it
    with pytest.raises(ModelError, match="Keras cannot read"):
        read_keras(tmp_path / "lambda.keras")


def test_a_file_that_is_no_keras_model_is_refused(tmp_path):
    (tmp_path / "text.keras").write_text("hello")
    with pytest.raises(ModelError, match=r"text\.keras: found a file that is no \.keras archive"):
        read_keras(tmp_path / "text.keras")
