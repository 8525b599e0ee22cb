"""A training of which only the figures are kept: no pictures, no calibration, no files but a checkpoint meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tinydigits.errors import CheckpointError
from tinydigits.evaluation.metrics import log_loss
from tinydigits.evaluation.report import evaluate
from tinydigits.formats.keras_bridge import keras_predict, parameters_of
from tinydigits.formats.onnx.session import onnx_predict
from tinydigits.system.interruption import deferred_interruptions, obey_interruptions
from tinydigits.system.notes import note
from tinydigits.system.progress import OnProgress
from tinydigits.system.stopwatch import Stopwatch
from tinydigits.training.checkpoints import Checkpoint
from tinydigits.training.run import network_of
from tinydigits.training.train import remove_checkpoint
from tinydigits.training.unsaved import Job, check_finite, fitted, identity_of, start


@deferred_interruptions()
def measured(
    job: Job, seed: int, on_progress: OnProgress | None = None, checkpoint: Checkpoint | None = None
) -> dict[str, Any]:
    """Train and score, and return figures as JSON values.

    Args:
        checkpoint: where the state of the training is kept meanwhile. One that cannot be gone on with is removed.

    Returns:
        `identity`, `engine`, `parameters`; `train_accuracy` (the last epoch's running figure), `validation_accuracy`,
        `test_accuracy` (None without test images), 0 to 1; `validation_loss`, the mean cross-entropy of the validation
        images in nats, whatever loss was trained on, so that recipes with different losses can be compared;
        `fit_seconds` and `seconds`.

    Raises:
        TrainingError: the loss became infinite or no number. Otherwise as `train`.
    """
    with kept_here(checkpoint) as kept:
        try:
            return figures(job, seed, on_progress, kept)
        except CheckpointError as error:
            if kept is None:
                raise
            note(f"A run of `{job.recipe.name}` with seed {seed} begins anew. {error}")
            remove_checkpoint(kept.path)
            return figures(job, seed, on_progress, kept)


@contextmanager
def kept_here(checkpoint: Checkpoint | None) -> Iterator[Checkpoint | None]:
    """Gives the checkpoint, in a temporary folder if its own is not there: it may be another machine's."""
    if checkpoint is None or checkpoint.path.parent.is_dir():
        yield checkpoint
        return
    with TemporaryDirectory() as folder:
        yield replace(checkpoint, path=Path(folder, checkpoint.path.name))


def figures(job: Job, seed: int, on_progress: OnProgress | None, checkpoint: Checkpoint | None) -> dict[str, Any]:
    stopwatch = Stopwatch()
    begun = start(job, seed, stopwatch)
    with stopwatch.phase("fit"):
        history, engine = fitted(begun, on_progress, checkpoint)
    check_finite(history, job.recipe.name)
    network, taken = network_of(begun.model, begun.pixels)
    predict = (
        keras_predict(begun.model, begun.pixels) if network is None else onnx_predict(network, begun.model.name, taken)
    )
    validation = evaluate(predict, begun.data.validation)
    obey_interruptions()
    test = begun.data.test and evaluate(predict, begun.data.test)
    return {
        "identity": identity_of(begun, engine, ordered=checkpoint is not None),
        "engine": engine,
        "parameters": parameters_of(begun.model),
        "train_accuracy": history["accuracy"][-1],
        "validation_accuracy": validation.accuracy,
        "validation_loss": log_loss(validation.probabilities, begun.data.validation.labels),
        "test_accuracy": test and test.accuracy,
        "fit_seconds": round(stopwatch.phases["fit"], 3),
        "seconds": round(stopwatch.seconds, 3),
    }
