"""Keras' own `fit`, with the arguments that `tinydigits.fit` was given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits.augmentation.settings import Augmentation
from tinydigits.data.dataset import check_size, scaled
from tinydigits.engine.schedule import Schedule
from tinydigits.errors import RecipeError, UnsupportedError
from tinydigits.formats.keras_pixels import Pixels
from tinydigits.formats.keras_refusal import naming_the_layer
from tinydigits.system.interruption import interruption_callback
from tinydigits.system.progress import OnProgress, batch_callback, epoch_callback
from tinydigits.training.arguments import BATCH_SIZE, FitArguments, callback_list, native_data
from tinydigits.training.augmented_batches import ImageSource, augmented_batches
from tinydigits.training.moving_statistics import find_statistics
from tinydigits.training.ordered_batches import ordered_batches

if TYPE_CHECKING:
    import keras


def seed_keras(seed: int) -> None:
    import keras

    keras.utils.set_random_seed(seed)


def fit_by_keras(
    model: keras.Model, arguments: FitArguments, pixels: Pixels, on_progress: OnProgress | None
) -> keras.callbacks.History:
    """Keras' own `fit`, from Keras' random state as it is, with the arguments as they were given."""
    given, size = arguments.as_dict(), arguments.batch_size or BATCH_SIZE
    given["x"] = keras_pixels(model, arguments.x, pixels)
    if isinstance(arguments.validation_data, tuple) and len(arguments.validation_data) > 1:
        first, *others = arguments.validation_data
        given["validation_data"] = (keras_pixels(model, first, pixels), *others)
    given["callbacks"] = keras_callbacks(arguments, on_progress, steps_of(arguments.x, size))
    with naming_the_layer(model, given["x"]):
        history = model.fit(**given)
    if isinstance(given["x"], np.ndarray) and averages_weights(model) and arguments.epochs > 0:
        x = given["x"]
        find_statistics(model, (x[first : first + size] for first in range(0, len(x), size)))
    return history


def fit_augmented_by_keras(
    model: keras.Model,
    arguments: FitArguments,
    seed: int,
    pixels: Pixels,
    augmentation: Augmentation,
    on_progress: OnProgress | None,
) -> keras.callbacks.History:
    """Keras' own `fit` on varied images, in the order and with the pictures of a native training."""
    (x, y, *weights), validation = native_data(arguments)
    if weights:
        raise RecipeError(
            "augmentation", found="sample or class weights", expected="neither", fix="Leave out one of the two."
        )
    shape, size = tuple(model.input_shape[1:]), arguments.batch_size or BATCH_SIZE
    schedule = Schedule(arguments.epochs, size, seed, bool(arguments.shuffle), augmentation, arguments.initial_epoch)
    check_size(x, shape, "x")
    source = ImageSource(x, y, shape, size, seed, pixels)
    varied, starter = augmented_batches(source, augmentation, shuffle=schedule.shuffle)
    with naming_the_layer(model, keras_pixels(model, x[:1], pixels)):
        return fit_batches_by_keras(model, arguments, varied, starter, validation, pixels, on_progress)


def fit_in_order_by_keras(
    model: keras.Model, arguments: FitArguments, seed: int, pixels: Pixels, on_progress: OnProgress | None
) -> keras.callbacks.History:
    """Keras' own `fit`, with the images in an order that a later call can go on with (`ordered_batches.py`).

    Data sets and generators keep the order of their own.
    """
    try:
        (x, *others), validation = native_data(arguments)
    except UnsupportedError:
        return fit_by_keras(model, arguments, pixels, on_progress)
    size = arguments.batch_size or BATCH_SIZE
    x = keras_pixels(model, x, pixels)
    batches, starter = ordered_batches((x, *others), size, seed, shuffle=bool(arguments.shuffle))
    with naming_the_layer(model, x):
        return fit_batches_by_keras(model, arguments, batches, starter, validation, pixels, on_progress)


def fit_batches_by_keras(
    model: keras.Model,
    arguments: FitArguments,
    batches: keras.utils.PyDataset,
    starter: keras.callbacks.Callback,
    validation: Any,
    pixels: Pixels,
    on_progress: OnProgress | None,
) -> keras.callbacks.History:
    """Keras' own `fit` on batches of ours.

    Args:
        starter: tells the batches that an epoch begins.
        validation: (x, y) or (x, y, sample weights), as `native_data` gives them; None without.
    """
    given = replace(
        arguments,
        x=batches,
        y=None,
        batch_size=None,
        shuffle=False,
        class_weight=None,  # native_data made sample weights of them
        sample_weight=None,
        validation_split=0.0,
        validation_data=validation and (keras_pixels(model, validation[0], pixels), *validation[1:]),
        validation_batch_size=arguments.validation_batch_size or arguments.batch_size or BATCH_SIZE,
        callbacks=[starter, *keras_callbacks(arguments, on_progress, len(batches))],
    )
    history = model.fit(**given.as_dict())
    if averages_weights(model) and arguments.epochs > 0:
        find_statistics(model, (batches[index][0] for index in range(len(batches))))
    return history


def steps_of(x: Any, batch_size: Any) -> int:
    """Steps in one epoch, for the progress alone; 1 where Keras has yet to say what it makes of x and the size."""
    if not isinstance(x, np.ndarray) or x.ndim == 0 or not isinstance(batch_size, int) or batch_size < 1:
        return 1
    return -(-len(x) // batch_size)


def keras_callbacks(arguments: FitArguments, on_progress: OnProgress | None, steps: int) -> Any:
    """The caller's callbacks, those that tell `on_progress`, and the one that obeys Ctrl-C."""
    told = [] if on_progress is None else [batch_callback(on_progress, steps), epoch_callback(on_progress)]
    return [*callback_list(arguments.callbacks), *told, interruption_callback()]


def averages_weights(model: keras.Model) -> bool:
    return bool(getattr(getattr(model, "optimizer", None), "use_ema", False))


def keras_pixels(model: keras.Model, x: Any, pixels: Pixels) -> Any:
    """What is given to Keras: as it came, but uint8 images divided by 255 and reshaped where pixels="0-1"."""
    if pixels == "0-255" or type(x) is not np.ndarray or x.dtype != np.uint8:
        return x
    shape = tuple(model.input_shape[1:])
    check_size(x, shape, "x")
    return scaled(x).reshape(-1, *shape)
