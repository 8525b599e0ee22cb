"""`fit`: trains a compiled Keras model in place by machine code, with Keras' own callbacks and history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tinydigits.augmentation.settings import Augmentation, check_pixels
from tinydigits.engine.compiler.build import build
from tinydigits.engine.compiler.emit import emit
from tinydigits.engine.compiler.planner import make_plan
from tinydigits.engine.keras import check
from tinydigits.engine.keras.epochs import OnSlice, Schedule, Trainer, run_epochs
from tinydigits.engine.keras.examples import distributions, examples
from tinydigits.engine.keras.settings import Settings, check_callbacks, read_settings
from tinydigits.engine.runtime.augment import Augmenter
from tinydigits.engine.runtime.job import Examples
from tinydigits.engine.runtime.program import Program
from tinydigits.errors import UnsupportedError, UnsupportedLayerError
from tinydigits.formats.keras_bridge import network_from_keras
from tinydigits.network.network import Network
from tinydigits.system.interruption import deferred_interruptions, obey_interruptions

if TYPE_CHECKING:
    import keras


@deferred_interruptions()
def fit(
    model: keras.Model,
    x: Any,
    y: Any,
    *,
    batch_size: int = 32,
    epochs: int = 1,
    validation_data: tuple[Any, Any] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    seed: int = 0,
    shuffle: bool = True,
    augmentation: Augmentation | None = None,
    threads: int | None = None,
    on_slice: OnSlice | None = None,
) -> keras.callbacks.History:
    """Trains `model` in place, as `model.fit` would.

    Args:
        model: a compiled `keras.Sequential`.
        x: uint8, scaled by 1/255 on the way, or float32; `[n, *input shape]`.
        y: what the model's loss expects.
        validation_data: (x, y) to be scored after every epoch.
        seed: decides the order of images and what dropout drops; with it the weights are the same on every run.
        augmentation: how each image, then uint8, is varied before it is learnt from; never where it is scored.
        threads: how many to use at most, by default every core; the weights do not depend on it.
        on_slice: told several times a second: epoch from 0, fraction of it that is done, loss and accuracy so far.

    Raises:
        EngineError: the engine cannot train this model here; one line says why, and Keras' own `fit` can.
        DataError: the arrays do not fit the model.
        RecipeError: `augmentation` of images that are not uint8.
        NonFiniteError: a loss or weight became infinite or no number; the model holds the last finite weights.
    """
    schedule = Schedule(epochs, batch_size, seed, shuffle, augmentation)
    check_callbacks(callbacks)
    settings = read_settings(model)
    network = network_of(model)
    train = read_examples((x, y), network, settings, "training data")
    validation = None
    if validation_data is not None:
        validation = read_examples(validation_data, network, settings, "validation data")
    augmenter = augmenter_of(train, network, augmentation)
    trainer = Trainer(model, settings, compiled(model, network, settings, threads), on_slice, augmenter)
    return run_epochs(trainer, train, validation, schedule, callbacks)


def read_examples(pair: tuple[Any, Any], network: Network, settings: Settings, name: str) -> Examples:
    """The pair (x, y), with targets as the loss compares them."""
    given = examples(pair, network, sparse=settings.sparse, name=name)
    return distributions(given, settings.smoothing, name) if settings.loss == "cross_entropy" else given


def augmenter_of(train: Examples, network: Network, augmentation: Augmentation | None) -> Augmenter | None:
    if augmentation is None:
        return None
    check_pixels(train.images.dtype)
    return Augmenter(network.input_shape)


def network_of(model: keras.Model) -> Network:
    try:
        return network_from_keras(model)
    except UnsupportedLayerError as error:
        raise UnsupportedError(error.subject, found=error.found, expected=error.expected, fix=error.fix) from error


def compiled(model: keras.Model, network: Network, settings: Settings, threads: int | None) -> Program:
    """The program that trains `model`, proven against Keras; each step may take a second, or more."""
    plan = make_plan(network, settings.loss, settings.rule)
    library = build(emit(plan))
    obey_interruptions()
    program = Program(plan, library, threads)
    check.prove(program, network, model, library.with_suffix(".json"))
    obey_interruptions()
    return program
