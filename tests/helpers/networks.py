"""Small networks with random weights, for tests."""

import numpy as np
from hypothesis import strategies as st

from tinydigits.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    LeakyReLU,
    MaxPooling2D,
    ReLU,
    Softmax,
)
from tinydigits.network.network import Network


def random_weights(random, *shape):
    return random.normal(size=shape).astype(np.float32) / np.float32(np.sqrt(np.prod(shape[:-1])))


def odd_network(seed=0):
    """Every layer and option at sizes that nothing divides; ends in logits."""
    random = np.random.default_rng(seed)
    return Network(
        (9, 7, 3),
        (
            Conv2D(random_weights(random, 3, 2, 3, 4), None, "same"),  # 9×7×4
            MaxPooling2D((3, 2), (2, 3), "same"),  # 5×3×4
            ReLU(),
            Dropout(0.3),
            Conv2D(random_weights(random, 1, 2, 4, 5), random_weights(random, 5), "valid"),  # 5×2×5
            Flatten(),  # 50
            Dense(random_weights(random, 50, 6), None),
            ReLU(),
            Dense(random_weights(random, 6, 10), random_weights(random, 10)),
        ),
    )


def random_normalization(random, channels):
    gamma, beta, mean = (random.normal(size=channels).astype(np.float32) for _ in range(3))
    return BatchNormalization(gamma, beta, mean, random.random(channels).astype(np.float32) + 0.5, 0.002, 0.95)


def modern_network(seed=0):
    """What the small nets of today are made of: normalised, strided and depthwise convolutions, averages."""
    random = np.random.default_rng(seed)
    return Network(
        (11, 10, 1),
        (
            Conv2D(random_weights(random, 3, 3, 1, 4), None, "same", (2, 1)),  # 6×10×4
            random_normalization(random, 4),
            LeakyReLU(0.1),
            DepthwiseConv2D(random_weights(random, 3, 2, 4, 2), None, "valid"),  # 4×9×8
            Conv2D(random_weights(random, 1, 1, 8, 6), random_weights(random, 6)),  # 4×9×6
            ReLU(),
            AveragePooling2D((2, 3), (2, 2), "same"),  # 2×5×6
            DepthwiseConv2D(random_weights(random, 2, 2, 6, 1), random_weights(random, 6), "same", (2, 2)),  # 1×3×6
            GlobalAveragePooling2D(),  # 6
            random_normalization(random, 6),
            Dense(random_weights(random, 6, 10), random_weights(random, 10)),
            Softmax(),
        ),
    )


def normalized_network(seed=0):
    """What the engine does between barriers: normalisations with and without pooling, depthwise, strides, averages."""
    random = np.random.default_rng(seed)
    return Network(
        (13, 11, 2),
        (
            Conv2D(random_weights(random, 3, 3, 2, 5), None, "same"),  # 13×11×5
            random_normalization(random, 5),
            ReLU(),
            MaxPooling2D(),  # 6×5×5, a row and a column left out
            Dropout(0.25),
            DepthwiseConv2D(random_weights(random, 3, 3, 5, 1), None, "same"),  # 6×5×5
            Conv2D(random_weights(random, 1, 1, 5, 7), random_weights(random, 7)),  # 6×5×7
            random_normalization(random, 7),
            LeakyReLU(0.1),
            Conv2D(random_weights(random, 3, 2, 7, 6), None, "same", (2, 2)),  # 3×3×6
            AveragePooling2D((2, 2), (1, 1), "same"),  # 3×3×6
            random_normalization(random, 6),
            ReLU(),
            GlobalAveragePooling2D(),  # 6
            Dense(random_weights(random, 6, 8), None),
            random_normalization(random, 8),
            ReLU(),
            Dense(random_weights(random, 8, 10), random_weights(random, 10)),
        ),
    )


def dense_network(seed=0):
    """No convolution, so that images have no channel axis; ends in softmax."""
    random = np.random.default_rng(seed)
    layers = Flatten(), Dense(random_weights(random, 30, 10), random_weights(random, 10)), Softmax()
    return Network((5, 6), layers)


paddings = st.sampled_from(["valid", "same"])
# TensorFlow promises depthwise convolutions of equal strides alone; some processors do others as well.
EQUAL_STRIDES = st.sampled_from([(1, 1), (2, 2)])


@st.composite
def strides_for(draw, kernel_height):
    """Strides of a convolution. For (1, 2) and a kernel of one row, TensorFlow 2.21 reads beyond the image (LOG.md)."""
    return draw(st.sampled_from([(1, 1), (2, 2)] if kernel_height == 1 else [(1, 1), (1, 2), (2, 2)]))


@st.composite
def networks(draw):
    """Nets of up to two blocks of any layers, with odd sizes, channels, strides and both paddings."""
    random = np.random.default_rng(draw(st.integers(0, 2**16)))
    shape = (draw(st.integers(4, 9)), draw(st.integers(4, 9)), draw(st.integers(1, 3)))
    network = Network(shape, ())
    for _ in range(draw(st.integers(0, 2))):
        sizes = st.integers(1, min(3, *network.output_shape[:2]))
        kernel = random_weights(random, draw(sizes), draw(sizes), network.output_shape[2], 3)
        bias = draw(st.sampled_from([None, random_weights(random, 3)]))
        apart = draw(strides_for(kernel.shape[0]))
        network = extended(network, Conv2D(kernel, bias, draw(paddings), apart), ReLU())
        if draw(st.booleans()):
            kernel = random_weights(random, draw(sizes), draw(sizes), 3, draw(st.integers(1, 2)))
            depthwise = DepthwiseConv2D(kernel, None, "same", draw(EQUAL_STRIDES))
            channels = kernel.shape[2] * kernel.shape[3]
            network = extended(network, depthwise, random_normalization(random, channels), LeakyReLU(0.2))
        if draw(st.booleans()) and min(network.output_shape[:2]) >= 2:
            pooling = draw(st.sampled_from([MaxPooling2D, AveragePooling2D]))
            network = extended(network, pooling(padding=draw(paddings)))
    summary = draw(st.sampled_from([Flatten(), GlobalAveragePooling2D()]))
    network = extended(network, summary, Dropout(draw(st.sampled_from([0.25, 0.5, 0.7]))))
    network = extended(network, Dense(random_weights(random, network.output_shape[0], 10), None))
    return extended(network, Softmax()) if draw(st.booleans()) else network


def extended(network, *layers):
    return Network(network.input_shape, (*network.layers, *layers))


def images_for(network, count=5, seed=1):
    """uint8 [count, *input_shape]."""
    return np.random.default_rng(seed).integers(0, 256, (count, *network.input_shape)).astype(np.uint8)
