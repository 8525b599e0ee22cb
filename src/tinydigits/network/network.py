"""`Network`: a sequential net as plain data, from which every back end starts.

`formats.keras_bridge` converts Keras models to a `Network` and back, `formats.onnx` writes and reads it, and
`engine.compiler` compiles it. Its NumPy forward pass is slow and simple. It is the reference for all of them.
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
    """A sequential net with its weights.

    Attributes:
        input_shape: (height, width) or (height, width, channels).
        layers: in the order in which they are applied.

    Raises:
        UnsupportedLayerError: a layer does not accept the output of the layer before it.
    """

    input_shape: Shape
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        for index, (layer, shape) in enumerate(self.steps()):
            if not layer.accepts(shape) or min(layer.output_shape(shape)) < 1:
                raise UnsupportedLayerError(
                    f"layer {index} ({type(layer).__name__})",
                    found=f"an input of shape {shape}",
                    expected="an input that the layer accepts",
                    fix="Match each layer's weights to the output before it; flatten before Dense; pool less.",
                )

    def steps(self) -> Iterator[tuple[Layer, Shape]]:
        """Yields each layer with the shape of its input."""
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
        """Number of classes: the last axis of the output."""
        return self.output_shape[-1]

    @property
    def parameters(self) -> int:
        """Number of trainable parameters, as Keras counts them."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Number of multiplications of a weight and an activation, for one image."""
        return sum(layer.multiply_adds(shape) for layer, shape in self.steps())

    @property
    def weights(self) -> tuple[Array, ...]:
        """All weight arrays, float32, in Keras' order."""
        return tuple(weight for layer in self.layers for weight in layer.weights)

    @property
    def weights_sha256(self) -> str:
        """SHA-256 of all weights, in order, as little-endian float32."""
        digest = hashlib.sha256()
        for weight in self.weights:
            digest.update(np.ascontiguousarray(weight, "<f4").tobytes())
        return digest.hexdigest()

    @property
    def ends_in_softmax(self) -> bool:
        return bool(self.layers) and isinstance(self.layers[-1], Softmax)

    def logits(self, x: Array) -> Array:
        """Returns logits `[n, classes]`, before a final softmax, in the type of `x`.

        Args:
            x: float `[n, *input_shape]`, 0 to 1, ink bright.
        """
        for layer in self.layers[:-1] if self.ends_in_softmax else self.layers:
            x = layer.forward(x)
        return x

    def probabilities(self, x: Array) -> Array:
        """Returns probabilities `[n, classes]`, in the type of `x`; `x` as for `logits`."""
        return softmax(self.logits(x))

    def predict(self, images: Array) -> Array:
        """Returns probabilities, float32 `[n, classes]`.

        Args:
            images: uint8 `[n, height, width]` or `[n, *input_shape]`.
        """
        return self.probabilities(model_input(images, self.input_shape)).astype(np.float32)
