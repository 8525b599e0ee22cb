"""Networks compiled, and Keras' own numbers to compare them with."""

import numpy as np
import tensorflow as tf

from tinydigits.engine.build import build
from tinydigits.engine.emit import emit
from tinydigits.engine.planner import make_plan
from tinydigits.engine.program import Examples, Program
from tinydigits.engine.weights import pack, unpack
from tinydigits.keras_bridge import keras_from_network
from tinydigits.network import Network


def program_of(network, loss="mean_squared_error", rule="sgd", threads=1):
    plan = make_plan(network, loss, rule)
    return Program(plan, build(emit(plan)), threads)


def packed_weights(program, network):
    return pack(program.plan.slots, network.weights)


def random_examples(network, count, seed=2):
    """float32 images and one-hot targets."""
    random = np.random.default_rng(seed)
    images = random.uniform(0, 1, (count, *network.input_shape)).astype(np.float32)
    return Examples(images, np.eye(network.classes, dtype=np.float32)[random.integers(0, network.classes, count)])


def native_gradient(program, network, examples):
    """(loss, gradients in Keras' shapes)."""
    gradient, score = program.gradient(packed_weights(program, network), examples)
    return score.loss, unpack(program.plan.slots, gradient)


def keras_gradient(network, examples, loss):
    """(loss, gradients), by TensorFlow's automatic differentiation of the Keras model; dropout off."""
    model = keras_from_network(network)
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(LOSSES[loss, network.ends_in_softmax](examples.targets, model(examples.images)))
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


def relative(ours, theirs):
    """The largest difference, as a fraction of the largest number."""
    return np.abs(ours - theirs).max() / max(np.abs(theirs).max(), 1e-7)


def with_layers(network, *layers):
    return Network(network.input_shape, layers)
