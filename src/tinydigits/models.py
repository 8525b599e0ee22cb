"""The nets, as plain Keras `Sequential` models; built, not compiled.

Keras is imported when a model is built, so that this module can be named without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def mlp() -> keras.Sequential:
    """The multi-layer perceptron of *handwritten-digits-mnist*: 9,862 parameters."""
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input((28, 28)),
            layers.Flatten(),  # 28·28 = 784
            layers.Dense(12, activation="relu"),  # 784·12 + 12 = 9,420
            layers.Dense(12, activation="relu"),  # 12·12 + 12 = 156
            layers.Dense(12, activation="relu"),  # 12·12 + 12 = 156
            layers.Dense(10, activation="softmax"),  # 12·10 + 10 = 130
        ],
        name="mlp",
    )


def cnn() -> keras.Sequential:
    """The convolutional net of *handwritten-digits-mnist*: 9,940 parameters."""
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(5, 2, padding="same", activation="relu"),  # 2·2·1·5 + 5 = 25; 28×28×5
            layers.MaxPooling2D(2),  # 14×14×5
            layers.Conv2D(5, 2, padding="same", activation="relu"),  # 2·2·5·5 + 5 = 105; 14×14×5
            layers.Flatten(),  # 14·14·5 = 980
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),  # 980·10 + 10 = 9,810
        ],
        name="cnn",
    )


def sprint() -> keras.Sequential:
    """The net for the quickest training to 99 %: 9,914 parameters, convolutions alone; ends in logits."""
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input((28, 28, 1)),
            *normalized(8),  # 3·3·1·8 + 2·8 = 88; 26×26×8
            *normalized(12),  # 3·3·8·12 + 2·12 = 888; 24×24×12
            layers.MaxPooling2D(2),  # 12×12×12
            *normalized(16),  # 3·3·12·16 + 2·16 = 1,760; 10×10×16
            *normalized(16),  # 3·3·16·16 + 2·16 = 2,336; 8×8×16
            *normalized(16),  # 2,336; 6×6×16
            *normalized(16),  # 2,336; 4×4×16
            layers.GlobalAveragePooling2D(),  # 16
            layers.Dense(10),  # 16·10 + 10 = 170
        ],
        name="sprint",
    )


def normalized(filters: int) -> list[keras.Layer]:
    """A 3×3 convolution, batch normalisation, which makes a bias superfluous, and ReLU."""
    from keras import layers

    return [layers.Conv2D(filters, 3, use_bias=False), layers.BatchNormalization(momentum=0.95), layers.ReLU()]


def pocket() -> keras.Sequential:
    """The most accurate net under 10,000 parameters: 9,914."""
    # 12: 3·3·1·12 + 2·12 = 132; a separable one of n after m filters: 9·m + m·n + 2·n
    # 16: 108 + 192 + 32 = 332; 24: 144 + 384 + 48 = 576; 12×12×24 after the pooling
    # 32: 216 + 768 + 64 = 1,048; 40: 288 + 1,280 + 80 = 1,648; 48: 360 + 1,920 + 96 = 2,376
    # 56: 432 + 2,688 + 112 = 3,232; dense: 56·10 + 10 = 570
    return separable_net("pocket", 12, (16, 24), (32, 40, 48, 56))


def pocket_5k() -> keras.Sequential:
    """The most accurate net under 5,000 parameters: 4,990."""
    # 132; 332; 24: 144 + 384 + 48 = 576 …
    return separable_net("pocket-5k", 12, (16,), (24, 28, 32, 34))


def separable_net(name: str, first: int, before: Sequence[int], after: Sequence[int]) -> keras.Sequential:
    """Convolutions of 3×3, "valid", all but the first separable, around one pooling; ends in logits.

    Args:
        first: filters of the first convolution.
        before: filters of those before the pooling.
        after: filters of those after it.
    """
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input((28, 28, 1)),
            *normalized(first),
            *(layer for filters in before for layer in separable(filters)),
            layers.MaxPooling2D(2),
            *(layer for filters in after for layer in separable(filters)),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10),
        ],
        name=name,
    )


def separable(filters: int) -> list[keras.Layer]:
    """As `normalized`, with each channel convolved by itself and then all combined pixel by pixel."""
    from keras import layers

    return [layers.SeparableConv2D(filters, 3, use_bias=False), layers.BatchNormalization(momentum=0.95), layers.ReLU()]
