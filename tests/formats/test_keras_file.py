import zipfile

import h5py
import keras
import numpy as np
import pytest

from tinydigits.errors import ModelError, UnsafeModelError
from tinydigits.formats import keras_file
from tinydigits.formats.keras_file import read_h5, read_keras


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


def test_an_archive_that_is_a_bomb_is_refused_before_it_is_inflated(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "bomb.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", b" " * 20_000_000)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("inflated"))
    with pytest.raises(UnsafeModelError, match=r"config\.json: found .* inflate to 20,000,000"):
        read_keras(tmp_path / "bomb.keras")


@pytest.fixture
def h5_file(tmp_path):
    """A digit model in Keras' older format, and the model itself."""
    parts = [keras.layers.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    model = keras.Sequential(parts)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.save(tmp_path / "old.h5")
    return tmp_path / "old.h5", model


def test_an_older_file_is_read_as_it_was_saved(h5_file):
    path, model = h5_file
    for one, other in zip(read_h5(path).get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_lambda_in_an_older_file_is_never_run(tmp_path):
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Lambda(lambda x: x)])
    model.save(tmp_path / "lambda.h5")
    keras.saving.load_model(tmp_path / "lambda.h5", safe_mode=False)  # the control: Keras would run it
    with pytest.raises(ModelError, match="Keras cannot read"):
        read_h5(tmp_path / "lambda.h5")


def test_an_older_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "text.h5").write_text("hello")
    with pytest.raises(ModelError, match=r"text\.h5: found a file that is no HDF5"):
        read_h5(tmp_path / "text.h5")


def test_an_older_file_that_inflates_beyond_the_limit_is_refused(h5_file, monkeypatch):
    monkeypatch.setattr(keras_file, "MAX_BYTES", 28 * 28 * 10 * 4)
    with pytest.raises(UnsafeModelError, match="bytes when inflated; expected at most 31,360"):
        read_h5(h5_file[0])


@pytest.mark.parametrize("kind", ["link", "dataset"])
def test_an_older_file_that_reaches_outside_itself_is_refused(h5_file, kind):
    with h5py.File(h5_file[0], "a") as file:
        if kind == "link":
            file["away"] = h5py.ExternalLink("another.h5", "/")
        else:
            file.create_dataset("away", (4,), "u1", external=[("another", 0, 4)])
    with pytest.raises(UnsafeModelError, match="`away` outside the file"):
        read_h5(h5_file[0])
