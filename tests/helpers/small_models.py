"""A convolutional net that trains in milliseconds, noise to train it with, and every kind of optimiser."""

import keras
import numpy as np

OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(0.1),
    "momentum": lambda: keras.optimizers.SGD(0.05, momentum=0.9),
    "nesterov": lambda: keras.optimizers.SGD(0.05, momentum=0.8, nesterov=True),
    "sgd with decay": lambda: keras.optimizers.SGD(0.1, weight_decay=0.05),
    "nesterov with decay": lambda: keras.optimizers.SGD(0.05, momentum=0.8, nesterov=True, weight_decay=0.05),
    "adam with decay": lambda: keras.optimizers.Adam(0.01, weight_decay=0.2),
    "adamw": lambda: keras.optimizers.AdamW(cosine(), weight_decay=0.5),
    "averaging": lambda: keras.optimizers.AdamW(cosine(), weight_decay=0.5, use_ema=True, ema_momentum=0.8),
    "averaging sgd": lambda: keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.8),
    "adam": lambda: keras.optimizers.Adam(0.01, beta_1=0.8, beta_2=0.99, epsilon=1e-5),
}


def cosine():
    return keras.optimizers.schedules.CosineDecay(0.0, 10, warmup_target=0.03, warmup_steps=4)


def small_model(optimizer="adam", loss="mean_squared_error", metrics=("accuracy",), dropout=0.0):
    """A convolutional net of 10×9 pixels and 4 classes, the same weights every time."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((10, 9, 1)),
            layers.Conv2D(3, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(dropout),
            layers.Dense(4, activation="softmax"),
        ]
    )
    model.compile(optimizer=OPTIMIZERS[optimizer](), loss=loss, metrics=list(metrics))
    return model


def pairs(count, loss="mean_squared_error", seed=0):
    """(x, y): float32 noise, and targets as the loss takes them."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 4, count)
    targets = labels if loss == "sparse_categorical_crossentropy" else np.eye(4, dtype=np.float32)[labels]
    return random.uniform(0, 1, (count, 10, 9, 1)).astype(np.float32), targets


def keras_fit(model, *data, **settings):
    """Keras' own `fit`, one operation after the other: for a few steps that is quicker than to trace a graph."""
    model.run_eagerly = True
    return model.fit(*data, **settings, verbose=0)
