"""The layers of a `Network`: shapes, parameter and multiply-add counts, and a plain NumPy forward pass.

Activations are `[n, height, width, channels]` or `[n, features]`, as in Keras. A forward pass computes in the
type of its input: float64 inputs give the float64 reference that every back end is compared with.

Shapes do not include the batch. A convolution or dense layer is linear; its activation is a separate layer.
"""

from tinydigits.network.layers.layer import Array, Layer, Shape
from tinydigits.network.layers.plain import (
    BatchNormalization,
    Dense,
    Dropout,
    Flatten,
    LeakyReLU,
    ReLU,
    Softmax,
    softmax,
)
from tinydigits.network.layers.windows import (
    AveragePooling2D,
    Conv2D,
    DepthwiseConv2D,
    GlobalAveragePooling2D,
    MaxPooling2D,
    Padding,
    Size,
    pads_of,
    same_padding,
)

__all__ = [
    "Array",
    "AveragePooling2D",
    "BatchNormalization",
    "Conv2D",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Flatten",
    "GlobalAveragePooling2D",
    "Layer",
    "LeakyReLU",
    "MaxPooling2D",
    "Padding",
    "ReLU",
    "Shape",
    "Size",
    "Softmax",
    "pads_of",
    "same_padding",
    "softmax",
]
