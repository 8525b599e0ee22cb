import keras
import numpy as np
import pytest
from keras import layers

from tinydigits.errors import RecipeError
from tinydigits.formats.keras_chain import pixels_of_network
from tinydigits.formats.keras_pixels import check_pixels, known_pixels, pixels_of, stated_pixels


def model(*first):
    return keras.Sequential([layers.Input((28, 28, 1)), *first, layers.Flatten(), layers.Dense(10)])


def inside():
    """Layers that scale, as a model of their own."""
    return keras.Sequential([layers.Input((28, 28, 1)), layers.Rescaling(1 / 255)])


@pytest.mark.parametrize(
    ("first", "stated"),
    [
        (lambda: [], None),
        (lambda: [layers.BatchNormalization()], None),
        (lambda: [layers.Conv2D(2, 3), layers.Rescaling(1 / 255)], None),
        (lambda: [layers.Rescaling(1 / 255)], "0-255"),
        (lambda: [layers.Rescaling(1 / 127.5, offset=-1)], "0-255"),
        (lambda: [layers.Reshape((28, 28, 1)), layers.Rescaling(1 / 255)], "0-255"),
        (lambda: [inside()], "0-255"),
        (lambda: [layers.Rescaling(2.0, offset=-1)], "0-1"),
        (lambda: [layers.Normalization(mean=33.3, variance=6000)], "0-255"),
        (lambda: [layers.Normalization(mean=0.1307, variance=0.095)], "0-1"),
    ],
)
def test_the_layers_before_the_first_weights_tell_which_pixels_a_model_takes(first, stated):
    assert stated_pixels(model(*first())) == stated
    assert pixels_of(model(*first())) == (stated or "0-1")


def test_a_network_takes_the_pixels_that_are_left_after_a_first_rescaling():
    plain, rescaled = model(), model(layers.Rescaling(1 / 255))
    assert [pixels_of_network(plain, each) for each in ("0-1", "0-255")] == ["0-1", "0-255"]
    assert [pixels_of_network(rescaled, each) for each in ("0-255", "0-1")] == ["0-1", None]


def test_another_range_is_refused():
    check_pixels("0-255")
    with pytest.raises(RecipeError, match="found `0-100`; expected 0-1 or 0-255"):
        check_pixels("0-100")
    assert known_pixels("0-255") == "0-255"
    with pytest.raises(ValueError, match="range of pixels"):
        known_pixels(np.float32(1))
