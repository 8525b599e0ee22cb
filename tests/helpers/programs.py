"""Networks compiled, and Keras' own numbers to compare them with."""

from dataclasses import replace

import numpy as np
import tensorflow as tf
from hypothesis import strategies as st

from helpers.networks import EQUAL_STRIDES, extended, paddings, random_normalization, random_weights, strides_for
from tinydigits.engine.compiler.build import build
from tinydigits.engine.compiler.emit import emit
from tinydigits.engine.compiler.planner import make_plan
from tinydigits.engine.compiler.weights import pack, unpack
from tinydigits.engine.runtime.job import Examples
from tinydigits.engine.runtime.program import Program
from tinydigits.formats.keras_bridge import keras_from_network
from tinydigits.network.layers import (
    AveragePooling2D,
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


@st.composite
def native_networks(draw):
    """Nets of the layers that the engine knows: odd sizes and channels, both paddings, bias or none."""
    random = np.random.default_rng(draw(st.integers(0, 2**16)))
    network = Network((draw(st.integers(4, 9)), draw(st.integers(4, 9)), draw(st.integers(1, 3))), ())
    for _ in range(draw(st.integers(0, 3))):
        network = extended(network, *draw(convolutions(random, network.output_shape)))
        if draw(st.booleans()):
            network = extended(network, draw(poolings(network.output_shape)))
    summary = draw(st.sampled_from([Flatten(), Flatten(), GlobalAveragePooling2D()]))
    network = extended(network, summary, *draw(st.sampled_from([(), (Dropout(0.5),), (Dropout(0.3), ReLU())])))
    if draw(st.booleans()):
        units = draw(dense_layers(random, network.output_shape[0], st.integers(1, 40)))
        network = extended(network, *units, *draw(followers(random, units[0].kernel.shape[1])))
    network = extended(network, *draw(dense_layers(random, network.output_shape[0], st.integers(2, 20))))
    return extended(network, Softmax()) if draw(st.booleans()) else network


@st.composite
def convolutions(draw, random, shape):
    """A convolution that fits on `shape`, depthwise or not, and what may follow it."""
    rows, columns = (draw(st.integers(1, min(5, size))) for size in shape[:2])
    depthwise = draw(st.booleans())
    filters = shape[2] if depthwise else draw(st.sampled_from([1, 2, 3, 5, 7, 9, 12]))
    kernel = random_weights(random, rows, columns, shape[2], 1 if depthwise else filters)
    bias, kind = draw(st.sampled_from([None, random_weights(random, filters)])), Conv2D
    strides = strides_for(rows)
    if depthwise:
        kind, strides = DepthwiseConv2D, EQUAL_STRIDES
    layer = kind(kernel, bias, draw(paddings), draw(strides))
    return layer, *draw(followers(random, filters))


@st.composite
def followers(draw, random, channels):
    """What may stand between two layers with weights: normalisation, rectifiers, dropout, in any order that occurs."""
    norm, rectifier = random_normalization(random, channels), draw(st.sampled_from([ReLU(), LeakyReLU(0.2)]))
    return draw(
        st.sampled_from(
            [
                *((), (rectifier,), (rectifier, Dropout(0.25)), (Dropout(0.5),), (Dropout(0.5), rectifier)),
                *((norm,), (norm, rectifier), (norm, rectifier), (rectifier, norm), (norm, rectifier, Dropout(0.25))),
                (norm, Dropout(0.5), norm, rectifier),
            ]
        )
    )


@st.composite
def poolings(draw, shape):
    """A pooling that fits on `shape`; windows may overlap, or leave pixels out."""
    rows, columns = (draw(st.integers(1, min(3, size))) for size in shape[:2])
    apart = draw(st.sampled_from([(rows, columns), (rows, columns), (1, 2), (2, 1)]))
    kind = draw(st.sampled_from([MaxPooling2D, AveragePooling2D]))
    return kind((rows, columns), apart, draw(paddings))


@st.composite
def dense_layers(draw, random, features, sizes):
    units = draw(sizes)
    bias = draw(st.sampled_from([None, random_weights(random, units)]))
    return (Dense(random_weights(random, features, units), bias),)


def program_of(network, loss="mean_squared_error", rule="sgd", threads=1):
    plan = make_plan(network, loss, rule)
    return Program(plan, build(emit(plan)), threads)


def packed_weights(program, network):
    return pack(program.plan.slots, network.weights)


def random_examples(network, count, seed=2, *, soft=False):
    """float32 images and one-hot targets, or with `soft` a distribution over classes each."""
    random = np.random.default_rng(seed)
    images = random.uniform(0, 1, (count, *network.input_shape)).astype(np.float32)
    if soft:
        return Examples(images, random.dirichlet(np.ones(network.classes), count).astype(np.float32))
    return Examples(images, np.eye(network.classes, dtype=np.float32)[random.integers(0, network.classes, count)])


def native_gradient(program, network, examples):
    """(loss, gradients in Keras' shapes)."""
    gradient, score = program.gradient(packed_weights(program, network), examples)
    return score.loss, unpack(program.plan.trained_slots, gradient)


def keras_gradient(network, examples, loss):
    """(loss, gradients), by TensorFlow's automatic differentiation of the Keras model in training, dropout off."""
    still = tuple(replace(layer, rate=0.0) if isinstance(layer, Dropout) else layer for layer in network.layers)
    model = keras_from_network(Network(network.input_shape, still))
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(
            LOSSES[loss, network.ends_in_softmax](examples.targets, model(examples.images, training=True))
        )
    return float(value), [gradient.numpy() for gradient in tape.gradient(value, model.trainable_variables)]


def squared_error(targets, outputs):
    return tf.reduce_mean((outputs - targets) ** 2, axis=-1)


def cross_entropy_of_logits(targets, outputs):
    return tf.nn.softmax_cross_entropy_with_logits(targets, outputs)


def cross_entropy_of_probabilities(targets, outputs):
    return -tf.reduce_sum(targets * tf.math.log(outputs), axis=-1)


LOSSES = {
    ("mean_squared_error", True): squared_error,
    ("mean_squared_error", False): squared_error,
    ("cross_entropy", True): cross_entropy_of_probabilities,
    ("cross_entropy", False): cross_entropy_of_logits,
}


def relative(ours, theirs, least=1e-7):
    """The largest difference, as a fraction of the largest number or of `least`."""
    return np.abs(ours - theirs).max() / max(np.abs(theirs).max(), least)
