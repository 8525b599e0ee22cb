"""Every trained net is a whole one: it knows how sure it may be, and what is no digit."""

from dataclasses import replace

import numpy as np
import pytest

import tinydigits
from drawn.negatives import negative
from tinydigits import Reader
from tinydigits.data.dataset import Dataset, Splits
from tinydigits.errors import ModelError, OutputError, RecipeError, UnsupportedLayerError
from tinydigits.formats import model_file
from tinydigits.formats.keras_bridge import keras_from_network
from tinydigits.formats.onnx import file as onnx_file
from tinydigits.network.layers import Dense, Flatten
from tinydigits.network.network import Network
from tinydigits.training import calibrate as module
from tinydigits.training.calibrate import calibration_of, calibration_or_note


@pytest.fixture(scope="module")
def splits(whole_mnist):
    return Splits(whole_mnist.train[:2000], whole_mnist.validation[:500], None)


@pytest.fixture(scope="module")
def run(splits, tmp_path_factory):
    return tinydigits.train("cnn", epochs=6, splits=splits, folder=tmp_path_factory.mktemp("runs") / "cnn")


@pytest.fixture
def older(run, tmp_path):
    """The same net in a file without calibration."""
    network, metadata = onnx_file.read(run.folder / "model.onnx")
    path = tmp_path / "older.onnx"
    path.write_bytes(onnx_file.to_bytes(network, replace(metadata, temperature=1.0, rejection=None)))
    return path


def read_as_digits(model, kind):
    """In how many of 40 pictures without a digit the model reads one."""
    reader = Reader(str(model))
    return sum(bool(reader.read(negative(kind, seed), single=True).digits) for seed in range(40))


def test_a_trained_net_refuses_noise_and_letters_that_it_would_read_without_calibration(run, older):
    noise, letters = ([read_as_digits(each, kind) for each in (older, run.folder)] for kind in ("noise", "letters"))
    assert noise[1] <= noise[0] / 3
    assert letters[1] <= letters[0] - 3


def test_a_trained_net_still_reads_digits(run, whole_mnist):
    reader = Reader(str(run.folder))
    assert sum(bool(reader.read(image, single=True).digits) for image in whole_mnist.test.images[:200]) >= 196


def test_training_writes_what_it_fitted(run):
    _, metadata = onnx_file.read(run.folder / "model.onnx")
    assert metadata.temperature == run.calibration.temperature != 1
    assert metadata.rejection == run.calibration.not_a_digit.as_json()
    assert run.notes == ()


def test_an_older_file_is_completed_in_place_and_its_net_stays(older, splits):
    before = onnx_file.read(older)
    done = tinydigits.calibrate(str(older), splits=splits)
    network, metadata = onnx_file.read(older)
    assert done.path == older
    assert metadata == done.metadata
    assert metadata == replace(before[1], temperature=metadata.temperature, rejection=metadata.rejection)
    assert network.weights_sha256 == before[0].weights_sha256
    assert metadata.rejection is not None


def test_what_exists_is_replaced_only_when_told(older, splits, tmp_path):
    other = tmp_path / "other.onnx"
    other.write_text("a stranger's file")
    with pytest.raises(OutputError, match="something of that name"):
        tinydigits.calibrate(str(older), splits=splits, out=other)
    assert other.read_text() == "a stranger's file"
    with pytest.raises(OutputError, match="something of that name"):
        tinydigits.calibrate(str(older), splits=splits, out=older)
    tinydigits.calibrate(str(older), splits=splits)
    with pytest.raises(OutputError, match="a net that is calibrated"):
        tinydigits.calibrate(str(older), splits=splits)
    tinydigits.calibrate(str(older), splits=splits, out=other, overwrite=True)
    assert onnx_file.read(other)[1].rejection is not None


def test_a_keras_file_gets_an_onnx_beside_it(run, splits, tmp_path):
    keras_from_network(run.network).save(tmp_path / "net.keras")
    done = tinydigits.calibrate(str(tmp_path / "net.keras"), splits=splits)
    assert done.path == tmp_path / "net.onnx"
    assert done.metadata.name == "net"
    assert done.metadata.rejection is not None


def test_the_pixels_that_are_asked_for_are_carried_in_the_file(run, splits, tmp_path):
    keras_from_network(run.network).save(tmp_path / "net.keras")
    done = tinydigits.calibrate(str(tmp_path / "net.keras"), splits=splits, pixels="0-255")
    loaded = model_file.load(str(done.path))
    assert (done.metadata.pixels, loaded.pixels) == ("0-255", "0-255")
    bytes_as_they_are = run.network.logits(splits.validation.images[:9, ..., None].astype(np.float32))
    assert np.array_equal(loaded.predict(splits.validation.images[:9]).argmax(axis=1), bytes_as_they_are.argmax(axis=1))
    with pytest.raises(RecipeError, match="expected 0-1 or 0-255"):
        tinydigits.calibrate(str(tmp_path / "net.keras"), splits=splits, pixels="0-100", overwrite=True)


def test_an_interrupted_calibration_leaves_everything_as_it_was(older, splits, monkeypatch):
    before, names = older.read_bytes(), sorted(older.parent.iterdir())
    monkeypatch.setattr(module, "write", interrupted_inside(module.onnx_file))
    with pytest.raises(KeyboardInterrupt):
        tinydigits.calibrate(str(older), splits=splits)
    assert older.read_bytes() == before
    assert sorted(older.parent.iterdir()) == names


def interrupted_inside(file):
    """`write`, interrupted when the temporary file is there."""

    def write(target, network, metadata):
        with module.new_file(target) as temporary:
            temporary.write_bytes(file.to_bytes(network, metadata)[:100])
            raise KeyboardInterrupt

    return write


def test_a_net_that_no_onnx_describes_is_refused_by_its_layer(splits, tmp_path):
    import keras
    from keras import layers

    model = keras.Sequential(
        [layers.Input((28, 28, 1)), layers.LayerNormalization(), layers.Flatten(), layers.Dense(10)]
    )
    model.save(tmp_path / "net.keras")
    with pytest.raises(UnsupportedLayerError, match="LayerNormalization"):
        tinydigits.calibrate(str(tmp_path / "net.keras"), splits=splits)


def flat_net(side, classes):
    return Network((side, side), (Flatten(), Dense(np.zeros((side * side, classes), np.float32), None)))


def test_images_of_another_size_are_left_out_with_a_note(splits):
    small = Splits(
        *(Dataset(each.images[:, :20, :20], each.labels) for each in (splits.train, splits.validation)), None
    )
    network = flat_net(20, 10)
    calibration, note = calibration_or_note(network.predict, network, small)
    assert calibration is None
    assert note.startswith("The net is not calibrated, so nothing is refused as no digit. ")
    assert "images of 20 × 20; expected 28 × 28" in note
    assert calibration_or_note(network.predict, None, splits)[0] is None


def test_a_net_of_other_classes_is_not_calibrated(splits):
    network = flat_net(28, 7)
    with pytest.raises(ModelError, match="7 classes; expected 10"):
        calibration_of(network.predict, network, splits)
