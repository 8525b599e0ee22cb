"""Trainings that are killed: a process that imports Keras once, and forks one child a training.

Run by its path. It has made no tensor when it forks, so the backend's threads start in the child. Each line of stdin is
an order, answered by one line on stdout:

    {"engine", "folder", "every", "resume", "kill": null or {"after": epochs, "delay": seconds}, "torn": bool}

With "torn", files are written straight into their places, slowly: the control without atomic writing.
"""

import json
import os
import select
import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tinydigits.augmentation.settings import AFFINE
from tinydigits.data.dataset import Splits, mnist
from tinydigits.recipes.optimizers import AdamW, OneCycle
from tinydigits.recipes.recipe import CROSS_ENTROPY, Recipe

EPOCHS = 40
SEED = 5
# Longest wait for an epoch, in seconds.
LIMIT = 240


def model():
    """A net whose training has every kind of state: moving statistics, dropout, and all that the recipe below adds."""
    import keras
    from keras import layers

    return keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(2, 3, strides=2, use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10),
        ]
    )


# A rate that depends on the step, moving averages of the weights, smoothed targets, and varied images.
RECIPE = Recipe(
    "every state",
    model,
    AdamW(OneCycle(peak=0.02), weight_decay=0.02),
    epochs=EPOCHS,
    batch_size=64,
    loss=CROSS_ENTROPY,
    label_smoothing=0.05,
    averaging=0.9,
    augmentation=AFFINE,
)


def train(order, told, splits):
    import tinydigits
    from tinydigits.training import run

    run.draw = lambda run, folder: None
    if order["torn"]:
        write_slowly_in_place()
    tinydigits.train(
        RECIPE
        if order["engine"] == "native"
        else replace(RECIPE, augmentation=None, epochs=order.get("epochs", EPOCHS)),
        seed=SEED,
        splits=splits,
        engine=order["engine"],
        folder=order["folder"],
        checkpoint_every=order["every"],
        resume=order["resume"],
        on_progress=lambda progress: progress.epoch_ended and os.write(told, b"."),
    )


def write_slowly_in_place():
    """Checkpoints are written as files usually are, piece by piece into their place."""
    from tinydigits.formats import checkpoint_file

    @contextmanager
    def in_place(path):
        class Slow:
            def write_bytes(self, content):
                with Path(path).open("wb", buffering=0) as file:
                    for first in range(0, len(content), 1000):
                        file.write(content[first : first + 1000])
                        time.sleep(0.001)

        yield Slow()

    checkpoint_file.new_file = in_place


def carry_out(order, splits):
    """Forks the training, kills it where that is ordered, and says how it ended."""
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(heard)
            train(order, told, splits)
            os._exit(0)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
    os.close(told)
    epochs = 0
    if order["kill"]:
        while epochs < order["kill"]["after"] and select.select([heard], [], [], LIMIT)[0] and os.read(heard, 1):
            epochs += 1
        time.sleep(order["kill"]["delay"])
        os.kill(child, signal.SIGKILL)
    else:
        while select.select([heard], [], [], LIMIT)[0] and os.read(heard, 1):
            epochs += 1
    os.close(heard)
    _, status = os.waitpid(child, 0)
    return {"code": os.waitstatus_to_exitcode(status), "epochs": epochs}


def main():
    import keras  # noqa: F401
    import scipy.optimize  # noqa: F401

    import tinydigits.training.train  # noqa: F401

    digits = mnist()
    splits = Splits(digits.train[:240], digits.validation[:60], digits.test[:60])
    for line in sys.stdin:
        print(json.dumps(carry_out(json.loads(line), splits)), flush=True)


if __name__ == "__main__":
    main()
