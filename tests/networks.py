"""Small networks with random weights, for tests."""

import numpy as np
from hypothesis import strategies as st

from tinydigits.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D, ReLU, Softmax
from tinydigits.network import Network


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


def dense_network(seed=0):
    """No convolution, so that images have no channel axis; ends in softmax."""
    random = np.random.default_rng(seed)
    layers = Flatten(), Dense(random_weights(random, 30, 10), random_weights(random, 10)), Softmax()
    return Network((5, 6), layers)


@st.composite
def networks(draw):
    """Nets of up to two convolutions with odd sizes, channels and both paddings."""
    random = np.random.default_rng(draw(st.integers(0, 2**16)))
    shape = (draw(st.integers(4, 9)), draw(st.integers(4, 9)), draw(st.integers(1, 3)))
    network = Network(shape, ())
    for _ in range(draw(st.integers(0, 2))):
        sizes = st.integers(1, min(3, *network.output_shape[:2]))
        kernel = random_weights(random, draw(sizes), draw(sizes), network.output_shape[2], 3)
        bias = draw(st.sampled_from([None, random_weights(random, 3)]))
        network = extended(network, Conv2D(kernel, bias, draw(st.sampled_from(["valid", "same"]))), ReLU())
        if draw(st.booleans()) and min(network.output_shape[:2]) >= 2:
            network = extended(network, MaxPooling2D(padding=draw(st.sampled_from(["valid", "same"]))))
    network = extended(network, Flatten(), Dropout(draw(st.sampled_from([0.25, 0.5, 0.7]))))
    network = extended(network, Dense(random_weights(random, network.output_shape[0], 10), None))
    return extended(network, Softmax()) if draw(st.booleans()) else network


def extended(network, *layers):
    return Network(network.input_shape, (*network.layers, *layers))


def images_for(network, count=5, seed=1):
    """uint8 [count, *input_shape]."""
    return np.random.default_rng(seed).integers(0, 256, (count, *network.input_shape)).astype(np.uint8)
