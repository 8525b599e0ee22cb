"""`Network`: a sequential net as plain data, the one description that every back end starts from.

Keras models become a `Network` (`keras_bridge`), are written from it (`onnx_file`), compiled from it and
exported from it. Its own NumPy forward pass is slow, simple and the reference for all of them.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinydigits.data.dataset import model_input
from tinydigits.errors import UnsupportedLayerError
from tinydigits.network.layers import Array, Layer, Shape, Softmax, softmax


@dataclass(frozen=True, eq=False)
class Network:
    """A sequential net.

    Attributes:
        input_shape: (height, width) or (height, width, channels).
        layers: applied first to last.

    Raises:
        UnsupportedLayerError: a layer does not fit on the output of the one before it.
    """

    input_shape: Shape
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        for index, (layer, shape) in enumerate(self.steps()):
            if not layer.accepts(shape) or min(layer.output_shape(shape)) < 1:
                raise UnsupportedLayerError(
                    f"layer {index} ({type(layer).__name__})",
                    found=f"an input of shape {shape}",
                    expected="one that it fits on",
                    fix="Give each layer weights for the output of the one before; flatten before Dense; pool less.",
                )

    def steps(self) -> Iterator[tuple[Layer, Shape]]:
        """Each layer with the shape of its input."""
        shape = self.input_shape
        for layer in self.layers:
            yield layer, shape
            shape = layer.output_shape(shape)

    @property
    def output_shape(self) -> Shape:
        shape = self.input_shape
        for layer in self.layers:
            shape = layer.output_shape(shape)
        return shape

    @property
    def classes(self) -> int:
        """How many classes the last layer tells apart."""
        return self.output_shape[-1]

    @property
    def parameters(self) -> int:
        """Trainable parameters, as Keras counts them."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Multiplications of a weight with an activation, for one image."""
        return sum(layer.multiply_adds(shape) for layer, shape in self.steps())

    @property
    def weights(self) -> tuple[Array, ...]:
        """Every weight array, float32, in Keras' order."""
        return tuple(weight for layer in self.layers for weight in layer.weights)

    @property
    def weights_sha256(self) -> str:
        """SHA-256 over all weights, in order, as little-endian float32."""
        digest = hashlib.sha256()
        for weight in self.weights:
            digest.update(np.ascontiguousarray(weight, "<f4").tobytes())
        return digest.hexdigest()

    @property
    def ends_in_softmax(self) -> bool:
        return bool(self.layers) and isinstance(self.layers[-1], Softmax)

    def logits(self, x: Array) -> Array:
        """Float `[n, *input_shape]`, 0 to 1, ink bright → `[n, classes]`, before any softmax, in the type of `x`."""
        for layer in self.layers[:-1] if self.ends_in_softmax else self.layers:
            x = layer.forward(x)
        return x

    def probabilities(self, x: Array) -> Array:
        """Float `[n, *input_shape]`, 0 to 1, ink bright → `[n, classes]`, in the type of `x`."""
        return softmax(self.logits(x))

    def predict(self, images: Array) -> Array:
        """uint8 `[n, height, width]` or `[n, *input_shape]` → float32 `[n, classes]` of probabilities."""
        return self.probabilities(model_input(images, self.input_shape)).astype(np.float32)
