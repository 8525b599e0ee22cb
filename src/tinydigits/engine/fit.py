"""`fit`: trains a compiled Keras model in place by machine code, with Keras' own callbacks and history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tinydigits.augmentation.settings import Augmentation, check_pixels
from tinydigits.engine.compiler.build import build
from tinydigits.engine.compiler.emit import emit
from tinydigits.engine.compiler.planner import make_plan
from tinydigits.engine.keras import check
from tinydigits.engine.keras.epochs import OnSlice, Trainer, run_epochs
from tinydigits.engine.keras.examples import distributions, examples
from tinydigits.engine.keras.settings import Settings, check_callbacks, read_settings
from tinydigits.engine.runtime.augment import Augmenter
from tinydigits.engine.runtime.job import Examples
from tinydigits.engine.runtime.program import Program
from tinydigits.engine.schedule import Schedule
from tinydigits.errors import UnsupportedError, UnsupportedLayerError, first_line
from tinydigits.formats.keras_bridge import network_from_keras
from tinydigits.network.layers import Flatten
from tinydigits.network.network import Network
from tinydigits.system.interruption import deferred_interruptions, obey_interruptions

if TYPE_CHECKING:
    import keras

Pair = tuple[Any, ...]


@deferred_interruptions()
def fit(
    model: keras.Model,
    train: Pair,
    validation: Pair | None,
    schedule: Schedule,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    *,
    threads: int | None = None,
    on_slice: OnSlice | None = None,
) -> keras.callbacks.History:
    """Trains `model` in place, as `model.fit` would.

    Args:
        model: a compiled `keras.Sequential`.
        train: (x, y) or (x, y, sample weights [n]). x is uint8, scaled by 1/255 on the way, or float32,
            `[n, *input shape]`; y is what the loss expects.
        validation: (x, y) to be scored after every epoch.
        threads: how many to use at most, by default every core; the weights do not depend on it.
        on_slice: told several times a second: epoch from 0, fraction of it that is done, loss and accuracy so far.

    Raises:
        EngineError: the engine cannot train this model here; one line says why, and Keras' own `fit` can.
        DataError: the arrays do not fit the model.
        RecipeError: augmentation of images that are not uint8.
        NonFiniteError: a loss or weight became infinite or no number; the model holds the last finite weights.
    """
    check_callbacks(callbacks)
    build_like_keras(model, train)
    settings = read_settings(model)
    network = network_of(model)
    learnt = read_examples(train, network, settings, "training data")
    scored = None if validation is None else read_examples(validation, network, settings, "validation data")
    augmenter = augmenter_of(learnt, network, schedule.augmentation)
    trainer = Trainer(model, settings, compiled(model, network, settings, threads), on_slice, augmenter)
    return run_epochs(trainer, learnt, scored, schedule, callbacks)


def read_examples(pair: Pair, network: Network, settings: Settings, name: str) -> Examples:
    """The pair (x, y), with targets as the loss compares them; flat images get the axis that `with_area` adds."""
    x, *others = pair
    if len(network.input_shape) == 2 and getattr(x, "ndim", 0) == 2:
        pair = x[..., None], *others
    given = examples(pair, network, sparse=settings.sparse, name=name)
    return distributions(given, settings.smoothing, name) if settings.loss == "cross_entropy" else given


def augmenter_of(train: Examples, network: Network, augmentation: Augmentation | None) -> Augmenter | None:
    if augmentation is None:
        return None
    check_pixels(train.images.dtype)
    return Augmenter(network.input_shape)


def with_area(network: Network) -> Network:
    """The same net, where its input is flat as one of one channel: `[n]` → `[n, 1]`, flattened again."""
    if len(network.input_shape) > 1:
        return network
    return Network((*network.input_shape, 1), (Flatten(), *network.layers))


def build_like_keras(model: keras.Model, train: Pair) -> None:
    """Build weights, loss and metrics as Keras' own `fit` does at its start; callbacks look at the metrics.

    Raises:
        UnsupportedError: Keras cannot build the model for these arrays; its own `fit` then says why.
    """
    from keras import ops

    if not model.compiled:
        return
    try:
        model._symbolic_build(data_batch=tuple(ops.convert_to_tensor(array[:1]) for array in train))
    except Exception as error:  # Keras refuses models and arrays with errors of many types
        raise UnsupportedError(
            f"model `{model.name}`",
            found=f"a model that Keras cannot build for this data ({first_line(error)})",
            expected="layers, loss and arrays that go together",
            fix="Keras' own fit says more.",
        ) from error


def network_of(model: keras.Model) -> Network:
    try:
        return with_area(network_from_keras(model))
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
