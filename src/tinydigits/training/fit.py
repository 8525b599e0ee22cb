"""`fit`: train a compiled Keras model in place, by machine code made for it or by Keras' own `fit`."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from tinydigits.augmentation.settings import Augmentation
from tinydigits.augmentation.settings import check_pixels as check_augmented
from tinydigits.data.dataset import scaled
from tinydigits.engine.schedule import SEED_LIMIT, Schedule, check_number
from tinydigits.errors import DataError, EngineError, RecipeError, UnsupportedError
from tinydigits.formats.keras_chain import begins_with_rescaling
from tinydigits.formats.keras_pixels import Pixels, check_pixels
from tinydigits.system.interruption import deferred_interruptions, obey_interruptions
from tinydigits.system.progress import OnProgress, epoch_callback, slice_callback
from tinydigits.training.arguments import BATCH_SIZE, FitArguments, Pair, callback_list, native_data, unsupported
from tinydigits.training.checkpoints import Checkpoint, Keeping, facts_of, keeping_of
from tinydigits.training.keras_fit import fit_augmented_by_keras, fit_by_keras, fit_in_order_by_keras, seed_keras

if TYPE_CHECKING:
    import keras


__all__ = ["Engine", "OnFallback", "fit"]

Engine = Literal["auto", "native", "keras"]
OnFallback = Callable[[EngineError], None]


@deferred_interruptions()
def fit(
    model: keras.Model,
    x: Any = None,
    y: Any = None,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: str | int = "auto",
    callbacks: Any = None,
    validation_split: float = 0.0,
    validation_data: Any = None,
    shuffle: bool = True,
    class_weight: Any = None,
    sample_weight: Any = None,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    validation_batch_size: int | None = None,
    validation_freq: int | Sequence[int] = 1,
    *,
    seed: int | None = None,
    pixels: Pixels = "0-255",
    augmentation: Augmentation | None = None,
    engine: Engine = "auto",
    on_fallback: OnFallback | None = None,
    on_progress: OnProgress | None = None,
    checkpoint: Checkpoint | None = None,
) -> keras.callbacks.History:
    """Train a compiled Keras model in place, as its own `fit` does.

    The arguments before `seed` are those of Keras' `fit`, with the same meaning. What the native engine does not take
    goes to Keras as it was given; docs/fit.md lists both.

    Args:
        x: images and y: targets, or all that Keras' `fit` takes.
        seed: of shuffling and dropout, 0 to 2³² − 1; None draws one from the random state that
            `keras.utils.set_random_seed` sets.
        pixels: "0-255" takes uint8 images for the numbers that they are, as Keras does; "0-1" divides them by 255.
            Floats are taken as they are.
        augmentation: how each image of x, then uint8, is varied anew in every epoch; the same pictures on both engines.
            x and y are arrays then.
        engine: "native" trains by machine code made for the model, "keras" by Keras' own `fit`; "auto" natively
            where that can be done.
        on_fallback: told why, once, where "auto" leaves the training to Keras; a warning where None.
        on_progress: called several times a second at most, and once after each epoch.
        checkpoint: where to keep the state of the training after some epochs, and whether to go on from there.

    Returns:
        What Keras' `fit` returns: loss and metrics by epoch.

    Raises:
        EngineError, DataError: with engine="native", why the model cannot be trained natively on this data.
        RecipeError: a number outside its range, an unknown engine, or `augmentation` of images that are not uint8.
        CheckpointError: the checkpoint to go on from is damaged, or of another training.
        OutputError: a checkpoint cannot be written.
        NonFiniteError: natively, a loss or weight became infinite or no number.
        ModelError: names a layer that Keras' backend cannot compute on this processor.
        KeyboardInterrupt: Ctrl-C was pressed; natively the model holds the last whole epoch. The signal is obeyed
            between two pieces of work, as SIGTERM and SIGHUP are (`system/interruption.py`).
        Otherwise what Keras' own `fit` raises for arguments that it refuses.
    """
    if engine not in get_args(Engine):
        raise RecipeError(
            "engine", found=f"`{engine}`", expected=f"one of {', '.join(get_args(Engine))}", fix='"auto" chooses.'
        )
    check_pixels(pixels)
    arguments = FitArguments(
        x=x,
        y=y,
        batch_size=batch_size,
        epochs=epochs,
        verbose=verbose,
        callbacks=callbacks,
        validation_split=validation_split,
        validation_data=validation_data,
        shuffle=shuffle,
        class_weight=class_weight,
        sample_weight=sample_weight,
        initial_epoch=initial_epoch,
        steps_per_epoch=steps_per_epoch,
        validation_steps=validation_steps,
        validation_batch_size=validation_batch_size,
        validation_freq=validation_freq,
    )
    if augmentation is not None and isinstance(x, np.ndarray):
        check_augmented(x.dtype)
    drawn = random.getrandbits(32) if seed is None else seed  # once, so that both engines are given the same
    check_number("seed", drawn, least=0, limit=SEED_LIMIT)
    keeping = None
    if checkpoint is not None and model.compiled:  # Keras refuses one that is not
        keeping = keeping_of(checkpoint, facts_of(model, arguments, pixels, augmentation), seed, drawn)
        drawn = keeping.seed
    if engine != "keras":
        try:
            given = kept(arguments, keeping, "native")
            return whole(keeping, fit_natively(model, given, drawn, pixels, augmentation, on_progress))
        except (EngineError, DataError) as reason:
            if engine == "native":
                raise
            obey_interruptions()  # Ctrl-C ends a C compiler, too, which is then no reason to train by Keras
            (on_fallback or warn)(as_engine_error(reason))
    if seed is not None:
        seed_keras(seed)
    given = kept(arguments, keeping, "keras")
    if augmentation is not None:
        return whole(keeping, fit_augmented_by_keras(model, given, drawn, pixels, augmentation, on_progress))
    if keeping is not None:
        return whole(keeping, fit_in_order_by_keras(model, given, drawn, pixels, on_progress))
    return fit_by_keras(model, given, pixels, on_progress)


def kept(arguments: FitArguments, keeping: Keeping | None, engine: str) -> FitArguments:
    return arguments if keeping is None else keeping.arguments(arguments, engine)


def whole(keeping: Keeping | None, history: keras.callbacks.History) -> keras.callbacks.History:
    return history if keeping is None else keeping.whole(history)


def as_engine_error(reason: EngineError | DataError) -> EngineError:
    """Data that does not fit natively, as a reason to ask Keras."""
    if isinstance(reason, EngineError):
        return reason
    return UnsupportedError(reason.subject, found=reason.found, expected=reason.expected, fix=reason.fix)


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
    arguments: FitArguments,
    seed: int,
    pixels: Pixels,
    augmentation: Augmentation | None,
    on_progress: OnProgress | None,
) -> keras.callbacks.History:
    """Train by machine code made for the model."""
    from tinydigits.engine.fit import fit as native_fit

    train, validation = native_data(arguments)
    if augmentation is not None and pixels == "0-255" and not begins_with_rescaling(model):
        raise unsupported("augmentation", "pixels of 0 to 255", 'pixels="0-1"')
    schedule = Schedule(
        epochs=arguments.epochs,
        batch_size=BATCH_SIZE if arguments.batch_size is None else arguments.batch_size,
        seed=seed,
        shuffle=bool(arguments.shuffle),
        augmentation=augmentation,
        initial_epoch=arguments.initial_epoch,
        validation_freq=arguments.validation_freq,
        verbose=arguments.verbose,
    )
    told = [] if on_progress is None else [epoch_callback(on_progress)]
    on_slice = None if on_progress is None else slice_callback(on_progress, schedule.epochs)
    return native_fit(
        model,
        native_pixels(model, train, pixels),
        validation and native_pixels(model, validation, pixels),
        schedule,
        [*callback_list(arguments.callbacks), *told],
        on_slice=on_slice,
    )


def native_pixels(model: keras.Model, pair: Pair, pixels: Pixels) -> Pair:
    """(x, y) with x in the range that the native engine reads: uint8 divided by 255, or floats as they are.

    A model that begins with `Rescaling(1 / 255)` has that layer left out natively: its bytes stay bytes.
    """
    x, *others = pair
    rescales = begins_with_rescaling(model)
    if x.dtype == np.uint8:
        if pixels == "0-1":
            return (scaled(x) / np.float32(255), *others) if rescales else pair
        return pair if rescales else (x.astype(np.float32), *others)
    return (x.astype(np.float32) / np.float32(255), *others) if rescales else pair
