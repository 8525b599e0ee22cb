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
    """A block of a 3×3 convolution."""
    from keras import layers

    return block(layers.Conv2D(filters, 3, use_bias=False))


def block(convolution: keras.Layer) -> list[keras.Layer]:
    """A convolution, batch normalisation, which makes a bias of it superfluous, and ReLU."""
    from keras import layers

    return [convolution, layers.BatchNormalization(momentum=0.95), layers.ReLU()]


def pocket() -> keras.Sequential:
    """The most accurate net that we found under 10,000 parameters: 9,950."""
    # 12: 9·1·12 + 2·12 = 132; 26×26×12. A separable one of n filters after m: 9·m + m·n + 2·n:
    # 16: 108 + 192 + 32 = 332; 24×24×16. 20: 144 + 320 + 40 = 504; 22×22×20
    # 24: 180 + 480 + 48 = 708; 20×20×24, after the pooling 10×10×24
    # 32: 216 + 768 + 64 = 1,048; 8×8×32. 40: 288 + 1,280 + 80 = 1,648; 6×6×40
    # 48: 360 + 1,920 + 96 = 2,376; 4×4×48. 46: 432 + 2,208 + 92 = 2,732; 2×2×46. Dense: 46·10 + 10 = 470
    return separable_net("pocket", 12, (16, 20, 24), (32, 40, 48, 46))


def pocket_5k() -> keras.Sequential:
    """As `pocket`, under 5,000 parameters: 4,990."""
    # 12: 132; 26×26×12. 16: 332; 24×24×16, after the pooling 12×12×16. 24: 144 + 384 + 48 = 576; 10×10×24
    # 28: 216 + 672 + 56 = 944; 8×8×28. 32: 252 + 896 + 64 = 1,212; 6×6×32. 34: 288 + 1,088 + 68 = 1,444; 4×4×34
    # Dense: 34·10 + 10 = 350
    return separable_net("pocket-5k", 12, (16,), (24, 28, 32, 34))


def pocket_2k() -> keras.Sequential:
    """As `pocket`, under 2,000 parameters: 1,978."""
    # 8: 72 + 16 = 88; 26×26×8. 12: 72 + 96 + 24 = 192; 24×24×12, after the pooling 12×12×12
    # 16: 108 + 192 + 32 = 332; 10×10×16. 20: 144 + 320 + 40 = 504; 8×8×20. 21: 180 + 420 + 42 = 642; 6×6×21
    # Dense: 21·10 + 10 = 220
    return separable_net("pocket-2k", 8, (12,), (16, 20, 21))


def pocket_1k() -> keras.Sequential:
    """As `pocket`, under 1,000 parameters: 992."""
    # 5: 45 + 10 = 55; 26×26×5. 8: 45 + 40 + 16 = 101; 24×24×8, after the pooling 12×12×8
    # 10: 72 + 80 + 20 = 172; 10×10×10. 12: 90 + 120 + 24 = 234; 8×8×12. 13: 108 + 156 + 26 = 290; 6×6×13
    # Dense: 13·10 + 10 = 140
    return separable_net("pocket-1k", 5, (8,), (10, 12, 13))


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

    return block(layers.SeparableConv2D(filters, 3, use_bias=False))
