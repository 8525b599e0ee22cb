"""A process of the server's whose trainings are sleep: a process like any other, which starts without Keras.

Run by its path, in the place of `tinydigits.serve.studio.training_process`. An epoch takes a hundredth of a second; a
batch size of 1 makes the training endless, one of 2 has it fail, one of 3 has the process end on the spot.
"""

import itertools
import json
import os
import time
from pathlib import Path

from tinydigits.errors import TrainingError
from tinydigits.formats import run_folder
from tinydigits.serve.studio import training_process
from tinydigits.system.atomic import new_folder
from tinydigits.system.interruption import obey_interruptions
from tinydigits.system.progress import Progress

ENDLESS, FAILING, DYING = 1, 2, 3
EPOCH_SECONDS = 0.01


def slept(order, folder, resume, tell):
    """Takes `trained`'s place: keeps a checkpoint an epoch, and leaves a folder with a report."""
    if order.batch_size == FAILING:
        raise TrainingError("training", found="a loss of nan", expected="a number")
    if order.batch_size == DYING:
        os._exit(7)
    show = training_process.thinned(order.epochs, tell)
    checkpoint = run_folder.checkpoint_of(folder)
    # It is empty where the process was killed while it wrote.
    first = int(checkpoint.read_text() or 0) if resume and checkpoint.exists() else 0
    with new_folder(folder) as temporary:
        for epoch in itertools.count(first) if order.batch_size == ENDLESS else range(first, order.epochs):
            for seed in range(order.seed, order.seed + order.seeds):
                time.sleep(EPOCH_SECONDS)
                obey_interruptions()
                done = min(epoch + 1, order.epochs)
                show(seed, Progress(done, order.epochs, (done - 0.5) / order.epochs, 0.5, 0.5))
                show(seed, Progress(done, order.epochs, done / order.epochs, 0.4, 0.6, 0.7, epoch_ended=True))
            checkpoint.write_text(str(epoch + 1))
        report = {
            "model": order.recipe,
            "seed": order.seed,
            "engine": "native",
            "parameters": 100,
            "epochs": order.epochs,
            "seconds": 1.0,
            "accuracy": {"train": 0.6, "validation": 0.7, "test": 0.65},
            "folder": str(folder),
        }
        Path(temporary, run_folder.REPORT).write_text(json.dumps(report))
    checkpoint.unlink(missing_ok=True)
    return report


if __name__ == "__main__":
    training_process.trained = slept
    training_process.main()
