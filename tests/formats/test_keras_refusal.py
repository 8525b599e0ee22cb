"""What Keras' backend cannot compute on this processor is told by the name of its layer."""

import keras
import numpy as np
import pytest

import tinydigits
from tinydigits.errors import ModelError
from tinydigits.formats.keras_bridge import keras_predict

IMAGES, TARGETS = np.zeros((4, 6, 6), np.uint8), np.eye(4, dtype=np.float32)


class Refusing(keras.layers.Layer):
    """Fails as soon as it is told to, as a backend's operation does on some processors only."""

    refuses = False

    def call(self, x):
        if self.refuses:
            raise NotImplementedError("\x1b[1mOnly equal strides\n are supported.\x1b[0m")
        return x


@pytest.fixture
def model():
    layers = keras.layers
    built = keras.Sequential([layers.Input((6, 6)), Refusing(name="strange"), layers.Flatten(), layers.Dense(4)])
    built.compile("sgd", "mean_squared_error", run_eagerly=True)  # no graph from before it refuses
    return built


def refusing(model):
    model.get_layer("strange").refuses = True
    return model


def told_of_the_layer():
    return pytest.raises(
        ModelError, match=r"layer `strange`: found a Refusing that \w+ cannot .*Only equal strides are supported\."
    )


def test_a_prediction_names_the_layer(model):
    assert keras_predict(model)(IMAGES).shape == (4, 4)  # the control
    with told_of_the_layer():
        keras_predict(refusing(model))(IMAGES)


def test_a_training_names_the_layer(model):
    with told_of_the_layer():
        tinydigits.fit(refusing(model), IMAGES, TARGETS, engine="keras")


def test_an_error_of_ones_own_callback_stays_as_it_was(model):
    def fail(epoch, logs):
        raise NotImplementedError("mine")

    failing = keras.callbacks.LambdaCallback(on_epoch_end=fail)
    with pytest.raises(NotImplementedError, match="mine"):
        tinydigits.fit(model, IMAGES, TARGETS, engine="keras", callbacks=[failing])


def test_a_model_of_branches_keeps_the_backends_own_error():
    inputs = keras.Input((6, 6))
    layer = Refusing()
    model = keras.Model(inputs, keras.layers.Flatten()(layer(inputs)))
    layer.refuses = True
    with pytest.raises(NotImplementedError, match="Only equal strides"):
        keras_predict(model)(IMAGES)
