"""A worker of the pool whose trainings are sleep: a process like any other, which starts without Keras.

Run by its path, in the place of `tinydigits.training.worker`.
"""

import hashlib
import itertools
import json
import os
import time
from pathlib import Path
from types import SimpleNamespace

from tinydigits.data.dataset import check_size
from tinydigits.errors import NonFiniteError
from tinydigits.system.atomic import new_file
from tinydigits.system.progress import Progress
from tinydigits.training import worker

# The training of this seed never ends.
ENDLESS = 99
# A training with this batch size fails.
FAILING = 13
REPORT = {"accuracy": {"train": 0.5, "validation": 0.5, "test": None}}
# A file to which each training of figures that has ended is added, if the environment names one.
DIARY = "LIGHT_WORKER_DIARY"


def slept_into(temporary, folder, job, seed, on_progress, checkpoint=None):
    """Takes `trained_into`'s place: a check of the images, a hundredth of a second an epoch, and a report."""
    epochs, data = job.recipe.epochs, job.splits.train
    check_size(data.images, (28, 28), data.name)
    for epoch in itertools.count(1) if seed == ENDLESS else range(1, epochs + 1):
        time.sleep(0.01)
        on_progress(Progress(epoch, epochs, epoch / epochs, 0.5, 0.5, 0.5, epoch_ended=True))
    return SimpleNamespace(as_json=lambda: {**REPORT, "seed": seed, "folder": str(folder)})


def slept(job, seed, on_progress=None, checkpoint=None):
    """Takes the place of `measured`: a hundredth of a second an epoch, and figures made of the settings.

    A checkpoint is the number of the last epoch, as text.
    """
    recipe = job.recipe
    first = int(checkpoint.path.read_text()) if checkpoint and checkpoint.path.exists() else 0
    for epoch in range(first + 1, recipe.epochs + 1):
        time.sleep(0.01)
        if checkpoint and epoch % checkpoint.every == 0:
            with new_file(checkpoint.path) as file:
                file.write_text(str(epoch))
        if on_progress:
            on_progress(Progress(epoch, recipe.epochs, epoch / recipe.epochs, 0.5, 0.5, 0.5, epoch_ended=True))
    (identity,) = light_identities(job, seed)
    if os.environ.get(DIARY):
        with Path(os.environ[DIARY]).open("a") as file:
            file.write(f"{identity}\n")
    if recipe.batch_size == FAILING:
        raise NonFiniteError("training", found="a loss of nan", expected="finite numbers")
    loss = recipe.optimizer.learning_rate + seed / 1000
    return {
        "identity": identity,
        "engine": "native",
        "parameters": 9862,
        "train_accuracy": 0.5,
        "validation_accuracy": 1 - loss,
        "validation_loss": loss,
        "test_accuracy": 0.5,
        "fit_seconds": 0.1,
        "seconds": 0.2,
    }


def light_identities(job, seed, *_, ordered=False):
    """Takes the place of `possible_identities`: a hash of the settings and the seed."""
    return (hashlib.sha256(json.dumps([job.recipe.as_json(), seed]).encode()).hexdigest(),)


def carry_out(order, tell, splits=None):
    """Takes the place of `worker.carry_out`, in a process of its own."""
    worker.measured = slept
    return worker.carry_out(order, tell, splits)


class NoTrainer:
    """Takes the place of an actor; it cannot be started."""

    def __init__(self, carry_out, splits, keras_backend):
        raise OSError("this node lacks something")

    def ready(self):
        pass

    def train(self, order):
        pass


if __name__ == "__main__":
    worker.trained_into = slept_into
    worker.measured = slept
    worker.main()
