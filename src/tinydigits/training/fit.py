"""`fit`: train a compiled Keras model in place, by machine code made for it or by Keras' own `fit`."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from tinydigits.augmentation.settings import Augmentation
from tinydigits.data.dataset import check_size, scaled
from tinydigits.engine.schedule import Schedule
from tinydigits.errors import EngineError, RecipeError
from tinydigits.formats.keras_refusal import naming_the_layer
from tinydigits.system.interruption import deferred_interruptions, interruption_callback, obey_interruptions
from tinydigits.system.progress import OnProgress, batch_teller, epoch_teller, slice_teller
from tinydigits.training.augmented_batches import Lessons, augmented_batches
from tinydigits.training.moving_statistics import find_statistics

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray


__all__ = ["Engine", "OnFallback", "fit"]

Engine = Literal["auto", "native", "keras"]
OnFallback = Callable[[EngineError], None]
Pair = tuple["NDArray[Any]", "NDArray[Any]"]


@deferred_interruptions()
def fit(
    model: keras.Model,
    x: NDArray[Any],
    y: NDArray[Any],
    *,
    batch_size: int = 32,
    epochs: int = 1,
    validation_data: tuple[NDArray[Any], NDArray[Any]] | None = None,
    callbacks: list[keras.callbacks.Callback] | None = None,
    seed: int | None = None,
    shuffle: bool = True,
    augmentation: Augmentation | None = None,
    engine: Engine = "auto",
    on_fallback: OnFallback | None = None,
    on_progress: OnProgress | None = None,
) -> keras.callbacks.History:
    """Train a compiled Keras model in place, as its own `fit` does.

    Args:
        x: float32, as the model takes it, or uint8, which is scaled by 1/255; `[n, height, width]` may leave out
            a single channel.
        y: targets, as the model's loss takes them.
        seed: of shuffling and dropout, 0 to 2³² − 1; None draws one from the random state that
            `keras.utils.set_random_seed` sets.
        augmentation: how each image of x, then uint8, is varied anew in every epoch; the same pictures on both engines.
        engine: "native" trains by machine code made for the model, "keras" by Keras' own `fit`; "auto" natively
            where that can be done.
        on_fallback: told why, once, where "auto" leaves the training to Keras; a warning where None.
        on_progress: called several times a second at most, and once after each epoch.

    Returns:
        What Keras' `fit` returns: loss and metrics by epoch.

    Raises:
        EngineError: with engine="native", why the model cannot be trained natively.
        DataError: the arrays do not fit the model.
        RecipeError: a number outside its range, an unknown engine, or `augmentation` of images that are not uint8.
        NonFiniteError: natively, a loss or weight became infinite or no number.
        ModelError: names a layer that Keras' backend cannot compute on this processor.
        KeyboardInterrupt: Ctrl-C was pressed; natively the model holds the last whole epoch. The signal is obeyed
            between two pieces of work, as SIGTERM and SIGHUP are (`system/interruption.py`).
    """
    if engine not in get_args(Engine):
        raise RecipeError(
            "engine", found=f"`{engine}`", expected=f"one of {', '.join(get_args(Engine))}", fix='"auto" chooses.'
        )
    drawn = random.getrandbits(32) if seed is None else seed  # once, so that both engines are given the same
    schedule = Schedule(epochs, batch_size, drawn, shuffle, augmentation)
    asked = model, (x, y), validation_data, schedule, callbacks or [], on_progress
    if engine != "keras":
        try:
            return fit_natively(*asked)
        except EngineError as reason:
            if engine == "native":
                raise
            obey_interruptions()  # Ctrl-C ends a C compiler, too, which is then no reason to train by Keras
            (on_fallback or warn)(reason)
    if seed is not None:
        seed_keras(seed)
    return fit_by_keras(*asked)


def warn(reason: EngineError) -> None:
    # The level of the caller of `fit`, beyond `fit` and the context around it.
    warnings.warn(f"Keras trains this model, not the native engine. {reason}", stacklevel=4)


def once(on_fallback: OnFallback) -> OnFallback:
    """`on_fallback`, but told each reason a single time."""
    told: set[str] = set()

    def tell(reason: EngineError) -> None:
        if str(reason) not in told:
            told.add(str(reason))
            on_fallback(reason)

    return tell


def fit_natively(
    model: keras.Model,
    train: Pair,
    validation: Pair | None,
    schedule: Schedule,
    callbacks: list[keras.callbacks.Callback],
    on_progress: OnProgress | None,
) -> keras.callbacks.History:
    """Train by machine code made for the model."""
    from tinydigits.engine.fit import fit as native_fit

    told = [] if on_progress is None else [epoch_teller(on_progress)]
    on_slice = None if on_progress is None else slice_teller(on_progress, schedule.epochs)
    return native_fit(model, train, validation, schedule, [*callbacks, *told], on_slice=on_slice)


def seed_keras(seed: int) -> None:
    import keras

    keras.utils.set_random_seed(seed)


def fit_by_keras(
    model: keras.Model,
    train: Pair,
    validation: Pair | None,
    schedule: Schedule,
    callbacks: list[keras.callbacks.Callback],
    on_progress: OnProgress | None,
) -> keras.callbacks.History:
    """Keras' own `fit`, from Keras' random state as it is."""
    x, y = train
    shape, size = tuple(model.input_shape[1:]), schedule.batch_size
    told = [] if on_progress is None else [batch_teller(on_progress, schedule.steps(len(x))), epoch_teller(on_progress)]
    if schedule.augmentation is None:
        pixels = inputs(x, model)
        batches = (pixels[first : first + size] for first in range(0, len(x), size))
        data: dict[str, Any] = {"x": pixels, "y": y, "batch_size": size, "shuffle": schedule.shuffle}
    else:
        check_size(x, shape, "x")
        lessons = Lessons(x, y, shape, size, schedule.seed)
        varied, starter = augmented_batches(lessons, schedule.augmentation, shuffle=schedule.shuffle)
        batches = (varied[index][0] for index in range(len(varied)))
        data, told = {"x": varied, "shuffle": False}, [starter, *told]
    with naming_the_layer(model, inputs(x[:1], model)):
        history = model.fit(
            **data,
            epochs=schedule.epochs,
            validation_data=validation and (inputs(validation[0], model), *validation[1:]),
            callbacks=[*callbacks, *told, interruption_callback()],
            verbose=0,
        )
    if model.optimizer.use_ema and schedule.epochs > 0:
        find_statistics(model, batches)
    return history


def inputs(x: NDArray[Any], model: keras.Model) -> NDArray[Any]:
    """Pixels as the model takes them: uint8 scaled, a missing channel axis added."""
    shape = tuple(model.input_shape[1:])
    check_size(x, shape, "x")
    return (scaled(x) if x.dtype == np.uint8 else x).reshape(-1, *shape)
