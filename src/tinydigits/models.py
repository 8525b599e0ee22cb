"""The nets, as plain Keras `Sequential` models; built, not compiled.

Keras is imported when a model is built, so that this module can be named without it.
"""

from __future__ import annotations

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
